import type { AccessRecord } from '../../events/access-record.ts';
import { AUDIT_MESSAGE } from '../../events/audit-line.ts';
import type { LedgerRecord } from '../../events/ledger-record.ts';
import type { MetricsEntry } from '../../events/metrics-record.ts';
import type { Offer } from '../../events/offer.ts';
import { fromItem, type LedgerItem, toItem } from '../../functions/runtime/aws/ledger-item.ts';
import type {
  Alert,
  Clock,
  Entropy,
  LedgerWrite,
  LogFields,
  Logger,
  Ports,
  QueueMessage,
  VisibilityChange,
} from '../../functions/runtime/ports.ts';
import { verifySignature } from '../../functions/runtime/trust/verify-signature.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** The line's own and those of its logger. */
  readonly fields: LogFields;
}

/** Called for each request of a port: what a hook throws, the request fails with. */
export interface Faults {
  read?: ((messageKeys: readonly string[]) => void) | undefined;
  /** Before anything is written. */
  write?: ((writes: readonly LedgerWrite[]) => void) | undefined;
  /** After it was written: the answer is lost. */
  written?: ((writes: readonly LedgerWrite[]) => void) | undefined;
  send?: ((queueUrl: string, messages: readonly QueueMessage[]) => void) | undefined;
  changeVisibility?: ((changes: readonly VisibilityChange[]) => void) | undefined;
  put?: ((key: string) => void) | undefined;
  get?: ((key: string) => void) | undefined;
  readAccess?: ((consistent: boolean) => void) | undefined;
  offers?: ((capability: string) => void) | undefined;
  token?: ((audience: string) => void) | undefined;
  verifySignature?: (() => void) | undefined;
  publish?: ((alert: Alert) => void) | undefined;
  /** Before anything is added. */
  addMetrics?: ((entry: MetricsEntry) => void | Promise<void>) | undefined;
  /** After it was added: the answer is lost. */
  metricsAdded?: ((entry: MetricsEntry) => void) | undefined;
}

export const REPLIES_URL = 'https://sqs.test/replies';
export const ERROR_QUEUE_URL = 'https://sqs.test/testing-errors';
export const DEAD_LETTER_QUEUE_URL = 'https://sqs.test/testing-dlq';
export const INBOX_URL = 'https://sqs.test/testing-inbox';
export const inboxOf = (agentId: string): string => `https://sqs.test/${agentId}-inbox`;

/** DynamoDB's limit for an item. */
const MAX_ITEM_BYTES = 400 * 1_024;

/** A world in memory: the ports of the runtime, and what a test asks about them. Several handlers on one are several processes. */
export class MemoryPorts implements Ports {
  readonly faults: Faults = {};
  readonly clock = new ManualClock();
  readonly entropy: Entropy;
  readonly lines: LogLine[] = [];
  readonly logger: Logger = this.#logger({});
  /** A test sets it before it starts a process. */
  tracing: Ports['tracing'] = undefined;
  readonly published: Alert[] = [];
  readonly sent: { readonly queueUrl: string; readonly message: QueueMessage }[] = [];
  readonly delays: VisibilityChange[] = [];
  readonly requests = { read: 0, write: 0, send: 0, changeVisibility: 0, put: 0, get: 0, readAccess: 0, offers: 0, addMetrics: 0 };
  readonly stored = new Map<string, Uint8Array>();
  readonly #items = new Map<string, LedgerItem>();

  constructor({ seed = 1 }: { readonly seed?: number } = {}) {
    this.entropy = seededEntropy(seed);
  }

  readonly ledger: Ports['ledger'] = {
    read: async (keys) => {
      this.requests.read++;
      this.faults.read?.(keys);
      return keys.map((key) => this.recordAt(key));
    },
    write: async (writes) => {
      this.requests.write++;
      this.faults.write?.(writes);
      if (new Set(writes.map(({ record }) => record.messageKey)).size < writes.length) throw new Error('an item is named twice');
      const answers = writes.map((write) => this.#write(write));
      this.faults.written?.(writes);
      return answers;
    },
  };

  readonly queue: Ports['queue'] = {
    send: async (queueUrl, messages) => {
      this.requests.send++;
      this.faults.send?.(queueUrl, messages);
      this.sent.push(...messages.map((message) => ({ queueUrl, message })));
      return messages.map(() => undefined);
    },
    changeVisibility: async (_queueUrl, changes) => {
      this.requests.changeVisibility++;
      this.faults.changeVisibility?.(changes);
      this.delays.push(...changes);
      return changes.map(() => undefined);
    },
  };

  readonly content: Ports['content'] = {
    bucket: 'content',
    put: async (key, bytes) => {
      this.requests.put++;
      this.faults.put?.(key);
      this.stored.set(key, Uint8Array.from(bytes));
    },
    get: async (key, sizeBytes) => {
      this.requests.get++;
      this.faults.get?.(key);
      const bytes = this.stored.get(key);
      return bytes?.byteLength === sizeBytes ? Uint8Array.from(bytes) : undefined;
    },
  };

  readonly directory: Ports['directory'] = {
    repliesQueueUrl: REPLIES_URL,
    names: (agentId) => agentId !== 'unreachable',
    inbox: inboxOf,
  };

  /** By agent id. */
  readonly accessRecords = new Map<string, AccessRecord>();

  readonly registry: Ports['registry'] = {
    readAccess: async (agentId, consistent) => {
      this.requests.readAccess++;
      this.faults.readAccess?.(consistent);
      return this.accessRecords.get(agentId);
    },
  };

  /** By capability. */
  readonly offered = new Map<string, readonly Offer[]>();

  readonly offers: Ports['offers'] = {
    of: async (capability) => {
      this.requests.offers++;
      this.faults.offers?.(capability);
      return this.offered.get(capability) ?? [];
    },
  };

  /** The tokens that were asked for, by audience. */
  readonly tokensFor: string[] = [];

  readonly tokens: Ports['tokens'] = {
    token: async (audience) => {
      this.faults.token?.(audience);
      this.tokensFor.push(audience);
      return `token ${this.tokensFor.length} for ${audience}`;
    },
  };

  readonly verifySignature: Ports['verifySignature'] = async (...signed) => {
    this.faults.verifySignature?.();
    await verifySignature(...signed);
  };

  fetch: Ports['fetch'] = () => Promise.reject(new Error('there is no network'));

  readonly alerts: Ports['alerts'] = {
    publish: async (alert) => {
      this.faults.publish?.(alert);
      this.published.push(alert);
    },
  };

  readonly metrics: Ports['metrics'] = {
    add: async (entry, increments) => {
      this.requests.addMetrics++;
      await this.faults.addMetrics?.(entry);
      for (const [attribute, increment] of increments)
        this.metricsRecord[entry][attribute] = (this.metricsRecord[entry][attribute] ?? 0) + increment;
      this.faults.metricsAdded?.(entry);
      return [];
    },
  };

  /** The items of the agent's metrics record. */
  readonly metricsRecord: Readonly<Record<MetricsEntry, Record<string, number>>> = { totals: {}, own: {} };

  recordAt(messageKey: string): LedgerRecord | undefined {
    const item = this.#items.get(messageKey);
    return item && fromItem(item);
  }

  /** Puts a record there, as another process would. */
  put(record: LedgerRecord): void {
    this.#items.set(record.messageKey, toItem(record));
  }

  /** Records of messages, without those of alerts. */
  get records(): readonly LedgerRecord[] {
    return [...this.#items.values()].map(fromItem).filter(({ messageKey }) => !messageKey.startsWith('alert:'));
  }

  sentTo(queueUrl: string): readonly QueueMessage[] {
    return this.sent.filter((entry) => entry.queueUrl === queueUrl).map(({ message }) => message);
  }

  /** One line a message. */
  get auditLines(): readonly LogLine[] {
    return this.lines.filter(({ message }) => message === AUDIT_MESSAGE);
  }

  #write({ record, expectedRevision }: LedgerWrite): 'written' | 'conflict' | Error {
    if (this.recordAt(record.messageKey)?.revision !== expectedRevision) return 'conflict';
    const item = toItem(record);
    if (JSON.stringify(item).length > MAX_ITEM_BYTES) return new Error('ValidationError: Item size has exceeded the maximum allowed size');
    this.#items.set(record.messageKey, item);
    return 'written';
  }

  #logger(bound: LogFields): Logger {
    const write = (level: LogLine['level']) => (message: string, fields?: LogFields) =>
      void this.lines.push({ level, message, fields: { ...bound, ...fields } });
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => this.#logger({ ...bound, ...fields }),
    };
  }
}

/** A clock that a test advances. It starts at 2026-01-01T00:00:00Z. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seededEntropy(seed: number): Entropy {
  let state = seed >>> 0;
  const fraction = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(fraction() * 16).toString(16)).join('');
  return { fraction, uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` };
}
