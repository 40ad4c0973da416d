import type { LedgerRecord } from '../../events/ledger-record.ts';
import { audienceOf } from '../../events/names.ts';
import type { LedgerWrite, Logger, Ports, QueueMessage } from '../../functions/runtime/ports.ts';
import { AGENT_IDS, type AgentId } from './agents.ts';
import type { RuntimeModules } from './load-runtime.ts';
import { offersPort } from './offers-port.ts';
import { agentSender } from './senders.ts';
import { ISSUER, MESH_PREFIX, type SimulatedIssuer, signatureOf } from './simulated-issuer.ts';
import type { SimulatedOffers } from './simulated-offers.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { SimulatedRegistry } from './simulated-registry.ts';
import type { SimulatedTable } from './simulated-table.ts';
import { simulatedTracing } from './simulated-tracing.ts';
import { latencyMs, type World } from './world.ts';

/** The services that all processes share. */
export interface Services {
  readonly table: SimulatedTable;
  readonly registry: SimulatedRegistry;
  /** Where senders need tokens. */
  readonly issuer: SimulatedIssuer | undefined;
  /** Where agents send to capabilities. */
  readonly offers: SimulatedOffers | undefined;
  readonly objects: Map<string, Uint8Array>;
  readonly queues: ReadonlyMap<string, SimulatedQueue>;
  /** The table of metrics takes nothing. */
  readonly areMetricsGone: boolean;
}

export const LEDGER = {
  before: ['ledger-refuses', 'ledger-fails-before'],
  after: ['ledger-fails-after'],
  slow: 'ledger-slow',
} as const;
export const LEDGER_READ = { before: ['ledger-refuses', 'ledger-fails-before'], slow: 'ledger-slow' } as const;
export const QUEUE = { before: ['queue-fails-before'], after: ['queue-fails-after'], slow: 'queue-slow' } as const;
export const CONTENT = { before: ['content-fails-before'], after: ['content-fails-after'], slow: 'content-slow' } as const;

export const REGISTRY = { before: ['registry-fails'], slow: 'registry-slow' } as const;

const METRICS = { before: ['metrics-fails-before'], after: ['metrics-fails-after'], slow: 'metrics-slow' } as const;

const KEYS = { before: ['keys-fail'], slow: 'keys-slow' } as const;
const TOKENS = { before: ['tokens-fail'], slow: 'tokens-slow' } as const;

export const BUCKET = 'content';

/** The ports of one process: requests to simulated services, a clock that may be wrong, chance from the seed. */
export function simulatedPorts(
  agent: AgentId,
  process: SimulatedProcess,
  world: World,
  services: Services,
  runtime: Pick<RuntimeModules, 'refused' | 'MetricsRefusedError'>,
): Ports {
  const { scheduler, choices } = world;
  const { issuer } = services;
  const limit = (holds: boolean, reason: string) => {
    if (!holds) process.misuse(reason);
  };

  function write(entry: LedgerWrite, invocation: number): 'written' | 'conflict' | Error {
    if (process.strikes('ledger-item-fails')) return new Error('ledger-item-fails');
    const answer = services.table.write(entry);
    if (answer === 'written') {
      world.note({ what: 'written', invocation, key: entry.record.messageKey, record: entry.record });
      if (process.strikes('ledger-item-lost')) return new Error('ledger-item-lost');
    } else process.disturb('ledger-conflict');
    return answer;
  }

  function read(key: string): LedgerRecord | undefined | Error {
    if (process.strikes('ledger-item-fails')) return new Error('ledger-item-fails');
    return process.strikes('ledger-stale-read') ? services.table.readStale(key) : services.table.read(key);
  }

  const queueOf = (url: string): SimulatedQueue => {
    const queue = services.queues.get(url);
    if (queue === undefined) throw new Error(`there is no queue ${url}`);
    return queue;
  };

  return {
    clock: {
      now: () => scheduler.now + process.skewMs,
      after: (delayMs, callback) => process.after(delayMs, callback),
      soon: (callback) => void process.after(0, callback),
    },
    entropy: { uuid: () => choices.uuid(), fraction: () => choices.fraction() },
    ledger: {
      read(keys) {
        limit(keys.length <= 100 && new Set(keys).size === keys.length, 'a read of over 100 keys, or of one key twice');
        const invocation = process.invocation?.number ?? -1;
        return process.request(LEDGER_READ, () => {
          world.note({ what: 'read', invocation, keys });
          return keys.map(read);
        });
      },
      async write(writes) {
        limit(writes.length <= 25, 'a write of over 25 records');
        limit(new Set(writes.map(({ record }) => record.messageKey)).size === writes.length, 'a write of one record twice');
        const invocation = process.invocation?.number ?? -1;
        const isRetried = process.isRunning && process.strikes('ledger-retried');
        const answers = await process.request(LEDGER, () => writes.map((entry) => write(entry, invocation)));
        // The first answer was lost on the way; the SDK's second try finds its own first.
        return isRetried ? answers.map((answer) => (answer === 'written' ? 'conflict' : answer)) : answers;
      },
    },
    queue: {
      send(url, messages) {
        limit(messages.length <= 10 && sizeOf(messages) <= 1_048_576, 'a send of over 10 messages or over 1 MiB');
        return process.request(QUEUE, () =>
          messages.map(({ body, attributes, group }) => {
            if (process.strikes('queue-item-fails')) return new Error('queue-item-fails');
            queueOf(url).send(body, attributes, agentSender(agent), { group });
            return undefined;
          }),
        );
      },
      changeVisibility(url, changes) {
        limit(changes.length <= 10, 'a change of over 10 visibilities');
        const invocation = process.invocation?.number ?? -1;
        return process.request(QUEUE, () =>
          changes.map(({ receiptHandle, delaySeconds }) => {
            const isValid = Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= 43_200;
            limit(isValid, `a visibility of ${delaySeconds} s`);
            if (process.strikes('queue-item-fails') || !isValid) return new Error('queue-item-fails');
            const copy = queueOf(url).changeVisibility(receiptHandle, delaySeconds);
            if (copy === undefined) process.disturb('stale-receipt');
            else world.note({ what: 'delayed', copy: copy.number, invocation, delaySeconds });
            return copy === undefined ? new Error('ReceiptHandleIsInvalid') : undefined;
          }),
        );
      },
    },
    content: {
      bucket: BUCKET,
      put: (key, bytes) =>
        process.request(CONTENT, () => {
          services.objects.set(key, bytes);
          world.note({ what: 'stored', key, bytes });
        }),
      get: (key, sizeBytes) =>
        process.request(CONTENT, () => {
          const bytes = services.objects.get(key);
          return bytes?.byteLength === sizeBytes ? bytes : undefined;
        }),
    },
    directory: {
      repliesQueueUrl: 'replies',
      names: (agentId) => services.queues.has(`${agentId} inbox`),
      inbox(agentId) {
        if (services.queues.has(`${agentId} inbox`)) return `${agentId} inbox`;
        throw new Error(`there is no agent ${agentId}`);
      },
    },
    tokens: {
      async token(audience) {
        const target = AGENT_IDS.find((id) => audienceOf(MESH_PREFIX, id) === audience);
        limit(issuer !== undefined && target !== undefined, `a token for ${audience}`);
        const answer = await process.request(TOKENS, () =>
          issuer === undefined || target === undefined || issuer.areTokensOut ? undefined : issuer.current(agentSender(agent), target),
        );
        if (answer !== undefined) return answer.token;
        process.disturb('tokens-outage');
        throw new Error('tokens-outage');
      },
    },
    async fetch(url) {
      limit('jwksUri' in ISSUER.keys && url === ISSUER.keys.jwksUri, `a fetch of ${url}`);
      const answer = await process.request(KEYS, () => (issuer === undefined || issuer.areKeysOut ? undefined : issuer.keySet));
      if (answer !== undefined) return new Response(answer);
      process.disturb('keys-outage');
      return new Response(null, { status: 503 });
    },
    async verifySignature(token) {
      const end = token.lastIndexOf('.');
      if (signatureOf(token.slice(0, end)) !== token.slice(end + 1))
        throw runtime.refused('TokenSignatureInvalid', "the token's signature: is none");
    },
    registry: {
      async readAccess(agentId, consistent) {
        const answer = await process.request(REGISTRY, () =>
          services.registry.isOut ? 'out' : services.registry.read(agentId, !consistent && process.strikes('registry-stale')),
        );
        if (answer !== 'out') return answer;
        process.disturb('registry-outage');
        throw new Error('registry-outage');
      },
    },
    offers: services.offers === undefined ? { of: async () => [] } : offersPort(process, world, services.offers),
    alerts: { publish: () => process.request({ before: ['alerts-fail'] }, () => undefined) },
    metrics: {
      async add(entry, increments) {
        const invocation = process.invocation?.number ?? -1;
        if (services.areMetricsGone || process.strikes('metrics-refused')) {
          process.disturb('metrics-refused');
          await process.sleep(latencyMs(world));
          throw new runtime.MetricsRefusedError('metrics-refused');
        }
        await process.request(METRICS, () => {
          if (entry === 'totals') world.note({ what: 'counted', invocation, agent, increments: Object.fromEntries(increments) });
        });
        return [];
      },
    },
    logger: silentLogger,
    tracing: simulatedTracing(process, world),
  };
}

function sizeOf(messages: readonly QueueMessage[]): number {
  let bytes = 0;
  for (const { body, attributes } of messages) {
    bytes += Buffer.byteLength(body);
    for (const [name, value] of Object.entries(attributes)) bytes += Buffer.byteLength(name) + 6 + Buffer.byteLength(value);
  }
  return bytes;
}

const silent = () => undefined;
const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent, child: () => silentLogger };
