import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CollectedSpan, Collector, KIND } from '../../helpers/collector.ts';
import { event, type MeshFixture, newTrace, SOURCE, startMeshFixture } from '../../helpers/mesh-fixture.ts';

let collector: Collector;
let fixture: MeshFixture;

beforeAll(async () => {
  collector = await Collector.start();
  fixture = await startMeshFixture({ agentsFolder: join(import.meta.dirname, 'chain'), otlpEndpoint: collector.url });
});

afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

const consumers = (spans: readonly CollectedSpan[]) => spans.filter(({ kind }) => kind === KIND.consumer);

it('exports the spans of a journey as one trace', async () => {
  const { traceId, traceparent } = newTrace();
  const message = event({ kind: 'plain' }, { traceparent });

  await fixture.mesh.send('receiving', [message]);
  await fixture.mesh.outcomeOf('receiving', SOURCE, message.id);

  const spans = await collector.spansOf(traceId, 'one process span an agent', (found) => consumers(found).length === 3);
  console.log(JSON.stringify(spans, null, 1));
  expect(spans.length).toBeGreaterThan(0);
});
