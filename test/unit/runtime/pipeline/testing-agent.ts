import type { Context, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import type { AgentDefinition } from '../../../../functions/runtime/agent/agent.ts';
import { type AgentOptions, defineAgent } from '../../../../functions/runtime/agent/define-agent.ts';
import { batchHandler } from '../../../../functions/runtime/batch/handle-batch.ts';
import type { RuntimeSettings } from '../../../../functions/runtime/runtime.ts';
import {
  DEAD_LETTER_QUEUE_URL,
  ERROR_QUEUE_URL,
  INBOX_URL,
  type LogLine,
  type MemoryPorts,
  REPLIES_URL,
} from '../../../helpers/memory-ports.ts';
import { createBatch } from '../../../helpers/records.ts';

const inputSchema = z.object({ text: z.string() });

/** The properties that a test sets; the others have minimal values. */
export type TestingOptions = Partial<Omit<AgentOptions<typeof inputSchema, string, string, string, string>, 'input' | 'id'>>;

/** The least that an agent needs beside its input schema. */
export const leastOptions = {
  id: 'testing',
  version: '1.0.0',
  description: 'Does what a test says.',
  capabilities: [{ id: 'testing', name: 'Testing', description: 'Does what a test says.', tags: [] }],
  sendsTo: ['other'],
  handle: async () => undefined,
};

export const TIMEOUT_MS = 30_000;

/** One process of an agent that takes `{ text }`. @returns delivers a batch; answers the SQS ids of what is to be received again */
export const startProcess = (ports: MemoryPorts, options: TestingOptions = {}, authentication: Authentication = 'none') =>
  startAgent(
    ports,
    defineAgent<typeof inputSchema, string, string, string, string>({ ...leastOptions, input: inputSchema, ...options }),
    authentication,
  );

type Authentication = RuntimeSettings['authentication'];

export function startAgent(ports: MemoryPorts, agent: AgentDefinition, authentication: Authentication = 'none') {
  const handler = batchHandler(agent, ports, {
    inboxUrl: INBOX_URL,
    errorQueueUrl: ERROR_QUEUE_URL,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    maxReceives: 10,
    journeySampling: 0,
    traceSampling: 0,
    traceIndex: false,
    authentication,
    meshPrefix: 'posthorn-test',
  });
  return async (...records: readonly SQSRecord[]): Promise<readonly string[]> => {
    const endsAt = ports.clock.now() + TIMEOUT_MS;
    const { batchItemFailures } = await handler(
      createBatch(...records),
      lambdaContext(() => endsAt - ports.clock.now()),
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
}

export const recordOf = (ports: MemoryPorts, id: string): LedgerRecord | undefined => ports.recordAt(`testing /tests ${id}`);

/** The audit line of a message, the last one where it came several times. */
export const auditOf = (ports: MemoryPorts, id: string): LogLine | undefined =>
  ports.auditLines.findLast(({ fields }) => fields.messageId === id);

/** Envelopes that went to a queue. */
export const envelopesTo = (ports: MemoryPorts, queueUrl: string) => ports.sentTo(queueUrl).map(({ body }) => JSON.parse(body));

export { DEAD_LETTER_QUEUE_URL, ERROR_QUEUE_URL, REPLIES_URL };

/** Waits for something that other promises bring about. @throws Error after 10 s */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const lambdaContext = (getRemainingTimeInMillis: () => number): Context => ({
  getRemainingTimeInMillis,
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'posthorn-test-testing',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:posthorn-test-testing',
  memoryLimitInMB: '512',
  awsRequestId: 'request-1',
  logGroupName: '/aws/lambda/posthorn-test-testing',
  logStreamName: 'stream',
  done() {},
  fail() {},
  succeed() {},
});
