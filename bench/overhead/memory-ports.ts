import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import type { LedgerRecord } from '../../events/ledger-record.ts';
import { logTo } from '../../functions/runtime/aws/powertools-logger.ts';
import { systemClock, systemEntropy } from '../../functions/runtime/aws/system.ts';
import type { Ledger, Logger, Ports } from '../../functions/runtime/ports.ts';
import type { RuntimeSettings } from '../../functions/runtime/runtime.ts';
import { verifySignature } from '../../functions/runtime/trust/verify-signature.ts';
import { relayAccess } from '../relay-access.ts';

/** A ledger that answers at once. @param keepsRecords if `false`, every message is new. @default true */
export function memoryLedger(keepsRecords = true): Ledger & { readonly size: number } {
  const records = new Map<string, LedgerRecord>();
  return {
    get size() {
      return records.size;
    },
    read: async (keys) => keys.map((key) => records.get(key)),
    write: async (writes) =>
      writes.map(({ record, expectedRevision }) => {
        if (records.get(record.messageKey)?.revision !== expectedRevision) return 'conflict';
        if (keepsRecords) records.set(record.messageKey, record);
        return 'written';
      }),
  };
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

/** Lines as in Lambda, to standard output. */
export const lineLogger = (): Logger => logTo(new PowertoolsLogger({ serviceName: 'relay' }));

/** The runtime's ports, without I/O. */
export const memoryPorts = (ledger: Ledger, logger: Logger): Ports => ({
  clock: systemClock,
  entropy: systemEntropy,
  ledger,
  queue: {
    send: async (_url, messages) => messages.map(() => undefined),
    changeVisibility: async (_url, changes) => changes.map(() => undefined),
  },
  content: { bucket: 'content', put: async () => {}, get: async () => undefined },
  directory: { names: () => true, inbox: (agentId) => `https://sqs.test/${agentId}`, repliesQueueUrl: 'https://sqs.test/replies' },
  tokens: { token: async () => 'token' },
  fetch: () => Promise.reject(new Error('there is no network')),
  verifySignature,
  registry: { readAccess: async () => relayAccess },
  offers: { of: async () => [] },
  alerts: { publish: async () => {} },
  metrics: { add: async () => [] },
  logger,
});

export const memorySettings: RuntimeSettings = {
  inboxUrl: 'https://sqs.test/inbox',
  errorQueueUrl: 'https://sqs.test/errors',
  deadLetterQueueUrl: 'https://sqs.test/dlq',
  maxReceives: 10,
  journeySampling: 1,
  traceSampling: 1,
  traceIndex: false,
  authentication: 'iam',
  meshPrefix: 'posthorn-bench',
};
