import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inboxName, meshName, repliesQueueName } from '../../../events/names.ts';
import { ACCEPT, type CollectedSpan, Collector, ERROR_STATUS, FAIL, KIND, NEVER } from '../../helpers/collector.ts';
import { event, type MeshFixture, newTrace, SOURCE, startMeshFixture } from '../../helpers/mesh-fixture.ts';

const agentsFolder = join(import.meta.dirname, 'chain');
const AGENTS = ['receiving', 'enriching', 'concluding'];
const inbox = (agent: string): string => inboxName(meshName(), agent);
const REPLIES = repliesQueueName(meshName());

let collector: Collector;
let sampled: MeshFixture;
let unsampled: MeshFixture;

beforeAll(async () => {
  collector = await Collector.start();
  const options = { agentsFolder, otlpEndpoint: collector.url };
  [sampled, unsampled] = await Promise.all([startMeshFixture(options), startMeshFixture({ ...options, traceSampling: 0 })]);
});

afterAll(async () => {
  await Promise.all([sampled, unsampled].map((fixture) => fixture[Symbol.asyncDispose]()));
  await collector[Symbol.asyncDispose]();
});

beforeEach(() => {
  collector.answer = ACCEPT;
});

const consumers = (spans: readonly CollectedSpan[]) => spans.filter(({ kind }) => kind === KIND.consumer);

/** Names from a span up to the root of its trace, without the steps of the pipeline between a message and the next. */
function pathOf(span: CollectedSpan, spans: readonly CollectedSpan[]): readonly string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  const own = span.kind === KIND.internal ? [] : [span.name];
  return parent === undefined ? own : [...pathOf(parent, spans), ...own];
}

it('a journey through three agents is one trace: each delivery is linked to the span that sent its message', async () => {
  const { traceId, traceparent } = newTrace();
  const message = event({ kind: 'plain' }, { traceparent });

  await sampled.mesh.send('receiving', [message]);

  const spans = await collector.spansOf(traceId, 'three deliveries', (found) => consumers(found).length === 3);
  const last = spans.find(({ name }) => name === `send ${REPLIES}`);
  expect(last && pathOf(last, spans)).toEqual([
    ...[`process ${inbox('receiving')}`, `send ${inbox('enriching')}`],
    ...[`process ${inbox('enriching')}`, `send ${inbox('concluding')}`],
    ...[`process ${inbox('concluding')}`, `send ${REPLIES}`],
  ]);
  for (const { links, parentSpanId, service, attributes } of consumers(spans)) {
    expect(links).toEqual([{ traceId, spanId: parentSpanId }]);
    expect(attributes).toMatchObject({ 'gen_ai.agent.id': service, 'messaging.message.conversation_id': message.id });
  }
  expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(AGENTS));
  for (const { startTimeUnixNano, endTimeUnixNano } of spans)
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
});

it('an attempt that fails is in the trace beside the one that succeeds', async () => {
  const { traceId, traceparent } = newTrace();

  await sampled.mesh.send('receiving', [event({ kind: 'unlucky' }, { traceparent })]);

  const spans = await collector.spansOf(traceId, 'four deliveries', (found) => consumers(found).length === 4);
  const attempts = consumers(spans).filter(({ service }) => service === 'enriching');
  expect(attempts.map(({ attributes, status }) => [attributes['posthorn.outcome'], attributes['error.type'], status.code])).toEqual([
    ['retry', 'Unlucky', ERROR_STATUS],
    ['processed', undefined, 0],
  ]);
  expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
});

it('where no journey is sampled, the failed deliveries alone are exported', async () => {
  const { mesh } = unsampled;
  // Without a traceparent, the stage decides.
  const [plain, unwanted] = [event({ kind: 'plain' }), event({ kind: 'unwanted' })];
  const before = collector.spans.length;

  await mesh.send('receiving', [plain]);
  await mesh.outcomeOf('receiving', SOURCE, plain.id);
  await mesh.send('receiving', [unwanted]);
  await mesh.outcomeOf('receiving', SOURCE, unwanted.id);

  const conversation = ({ attributes }: CollectedSpan) => attributes['messaging.message.conversation_id'];
  const failed = () => collector.spans.find((span) => span.kind === KIND.consumer && conversation(span) === unwanted.id);
  await collector.untilThere('the failed delivery', () => failed() !== undefined);
  expect(failed()).toMatchObject({ service: 'enriching', attributes: { 'posthorn.outcome': 'rejected', 'error.type': 'Unwanted' } });
  expect(new Set(collector.spans.slice(before).map(({ traceId }) => traceId))).toEqual(new Set([failed()?.traceId]));
  expect(consumers(collector.spans.slice(before))).toHaveLength(1);
});

describe.each([
  ['answers 500', FAIL],
  ['never answers', NEVER],
])('a collector that %s', (_what, answer) => {
  it('costs no message: each is processed once, and what it sent arrives once', async () => {
    collector.answer = answer;
    const { mesh } = sampled;
    const replies = mesh.tap(REPLIES);
    const messages = Array.from({ length: 12 }, () => event({ kind: 'plain' }, { traceparent: newTrace().traceparent }));
    const requests = collector.requests;

    const sqsIds = await mesh.send('receiving', messages);
    const outcomes = await mesh.outcomesOf(
      'receiving',
      SOURCE,
      messages.map(({ id }) => id),
    );
    await sampled.acknowledged(sqsIds);

    expect(outcomes.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(messages.map(() => ['processed', 0]));
    for (const { id } of messages) {
      const found = await replies.waitFor(`the reply of ${id}`, 1, ({ body }) => body.includes(id));
      expect(found).toHaveLength(1);
    }
    expect(collector.requests).toBeGreaterThan(requests);
  });
});

it('every request is OTLP', () => {
  expect(collector.faults).toEqual([]);
});
