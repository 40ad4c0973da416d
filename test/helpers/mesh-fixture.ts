import { randomBytes, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { resolveSettings } from '../../cli/settings.ts';
import { admitOperator } from '../../client/registry/admit-operator.ts';
import { EmbeddedCloud } from '../../local/embedded-cloud.ts';
import type { InvocationEvent } from '../../local/lambda/event-source.ts';
import { OPERATOR } from '../../local/services/identities.ts';
import { AwsMesh } from './aws-mesh.ts';
import { type SynthesizedMesh, synthesizeMesh } from './synthesize-mesh.ts';
import { until } from './until.ts';

/** A mesh of agents on a free port. */
export interface MeshFixture extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly mesh: AwsMesh;
  readonly invocations: readonly InvocationEvent[];
  /** Resolves when each of these messages was acknowledged. @param sqsMessageIds the ids that SQS gave them */
  acknowledged(sqsMessageIds: readonly string[]): Promise<unknown>;
}

/** @param onLog is called with every line that a function writes. @see synthesizeMesh */
export async function startMeshFixture(
  { rateSeconds = {}, ...options }: SynthesizedMesh & { readonly rateSeconds?: Readonly<Record<string, number>> },
  onLog: (line: string) => void = () => undefined,
): Promise<MeshFixture> {
  const assemblyDirectory = await synthesizeMesh(options);
  const invocations: InvocationEvent[] = [];
  const acknowledged = new Set<string>();
  const cloud = await EmbeddedCloud.start({
    port: 0,
    stopGraceSeconds: 0,
    assemblyDirectory,
    rateSeconds,
    onLog: ({ text }) => onLog(text),
    onInvocation(invocation) {
      invocations.push(invocation);
      for (const id of invocation.messageIds) if (!invocation.failedMessageIds.includes(id)) acknowledged.add(id);
    },
  });
  await admitOperator(cloud, OPERATOR);
  const mesh = new AwsMesh(resolveSettings({ endpointUrl: cloud.endpoint, region: cloud.region }, {}));
  return {
    cloud,
    mesh,
    invocations,
    acknowledged: (ids) =>
      until('the messages are acknowledged', () => ids.every((id) => acknowledged.has(id)), {
        describe: () => `${ids.filter((id) => acknowledged.has(id)).length} of ${ids.length}`,
      }),
    async [Symbol.asyncDispose]() {
      await mesh[Symbol.asyncDispose]();
      await cloud.stop();
      await rm(assemblyDirectory, { recursive: true, force: true });
    },
  };
}

export const SOURCE = 'https://tests.example.com/producer';

/** A new event, with a new id unless `attributes` sets one. */
export function event(data: unknown, attributes: Readonly<Record<string, unknown>> = {}): TestEvent {
  return { specversion: '1.0', id: randomUUID(), source: SOURCE, type: 'test', time: new Date().toISOString(), data, ...attributes };
}

export interface TestEvent {
  readonly id: string;
  readonly [attribute: string]: unknown;
}

/** A journey and a trace to send events in. */
export function newTrace(): { readonly traceId: string; readonly traceparent: string; readonly correlationid: string } {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`, correlationid: `journey-${traceId}` };
}
