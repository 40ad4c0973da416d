import type { AccessRecord } from '../../events/access-record.ts';
import type { TokenAlgorithm } from '../../events/issuer.ts';
import type { LedgerRecord } from '../../events/ledger-record.ts';
import type { MetricsEntry } from '../../events/metrics-record.ts';
import type { Offer } from '../../events/offer.ts';
import type { Trace } from './trace.ts';
import type { PublishedKey } from './trust/key-fault.ts';

/** All external effects of the pipeline. `aws/` implements it on AWS; simulation replaces it. */
export interface Ports {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly content: ContentStore;
  readonly directory: Directory;
  readonly registry: Registry;
  readonly offers: Offers;
  readonly tokens: TokenProvider;
  readonly fetch: Fetch;
  readonly verifySignature: VerifySignature;
  readonly alerts: Alerts;
  readonly metrics: MetricsTable;
  readonly logger: Logger;
  /** Where spans are exported to. Without it, nothing about spans is done. */
  readonly tracing?: Tracing | undefined;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `callback` once after the delay. @returns cancels it */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` once everything that is ready now has run: I/O asked for until then goes in one request. */
  soon(callback: () => void): void;
}

export interface Entropy {
  /** A random UUID. */
  uuid(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

export interface LedgerWrite {
  readonly record: LedgerRecord;
  /** The revision that was read; `undefined` when there was no record. The write applies only if that is still so. */
  readonly expectedRevision: string | undefined;
}

/** The idempotency table. One answer per item, in order; an `Error` where the outcome of that item is not known. */
export interface Ledger {
  /** Strongly consistent. At most 100 keys. */
  read(messageKeys: readonly string[]): Promise<readonly (LedgerRecord | undefined | Error)[]>;
  /** Conditional. At most 25 records with different keys. An `Error` may mean that the write was applied. */
  write(writes: readonly LedgerWrite[]): Promise<readonly ('written' | 'conflict' | Error)[]>;
}

export interface QueueMessage {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The tenant whose message it is, where it has one. */
  readonly group?: string | undefined;
}

export interface VisibilityChange {
  readonly receiptHandle: string;
  readonly delaySeconds: number;
}

/** One answer per item, in order: `undefined` for done, an `Error` where it is not known to be done. */
export interface Queue {
  /** At most 10 messages of 1 MiB together. */
  send(queueUrl: string, messages: readonly QueueMessage[]): Promise<readonly (undefined | Error)[]>;
  /** Hides received messages for so long from now. At most 10. */
  changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<readonly (undefined | Error)[]>;
}

export interface ContentStore {
  /** The mesh's own bucket. */
  readonly bucket: string;
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /**
   * @returns `undefined` when there is no such object or its size is another one
   * @throws when the store cannot answer now
   */
  get(key: string, sizeBytes: number): Promise<Uint8Array | undefined>;
}

/** The addresses of agents' inboxes. */
export interface Directory {
  /** Whether this agent's definition names it. */
  names(agentId: string): boolean;
  /** The inbox of an agent, also of one that only an earlier definition named. SQS refuses what the role may not send. */
  inbox(agentId: string): string;
  /** The queue of replies that name no agent. */
  readonly repliesQueueUrl: string;
}

/** Who may send to whom. */
export interface Registry {
  /**
   * The access record of an agent; `undefined` while it has none.
   *
   * @param consistent whether the answer must show every write that was acknowledged before
   * @throws when the registry cannot answer now
   */
  readAccess(agentId: string, consistent: boolean): Promise<AccessRecord | undefined>;
}

/** Which agents offer a capability. */
export interface Offers {
  /** @throws when the registry cannot answer now */
  of(capability: string): Promise<readonly Offer[]>;
}

/** Where the agent gets tokens for what it sends. */
export interface TokenProvider {
  /**
   * A token that is valid for some time yet. Nothing keeps it but the message that carries it.
   *
   * @param audience see `audienceOf`
   * @throws when no token can be had now
   */
  token(audience: string): Promise<string>;
}

/**
 * Verifies the signature of a token whose form and header have been checked.
 *
 * @param keys those of the issuer with the name in the token's header, at least one
 * @throws PermanentError `TokenKeyRefused`, `TokenSignatureInvalid`
 */
export type VerifySignature = (token: string, keys: readonly PublishedKey[], algorithm: TokenAlgorithm) => Promise<void>;

/** As the global `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Alert {
  /** The same for errors of one cause: agent, error name, top frame. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Alerts {
  /** Sends an alert to the people on call. Deduplication is the caller's. */
  publish(alert: Alert): Promise<void>;
}

/** The metrics record of the agent. */
export interface MetricsTable {
  /**
   * Adds to attributes of one of its items. It asks once: an addition that is asked for twice may be made twice.
   *
   * @param increments by attribute
   * @returns names of the agent's own metrics for which the item has no room: they were added as overflow
   * @throws MetricsRefusedError when nothing was written, and the same may be later; any other error when that is not known, or is not so
   */
  add(entry: MetricsEntry, increments: ReadonlyMap<string, number>): Promise<readonly string[]>;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span to begin. Times are epoch milliseconds. */
export interface SpanStart {
  readonly name: string;
  readonly kind: 'consumer' | 'producer' | 'internal';
  readonly startedAt: number;
  readonly attributes?: SpanAttributes;
  /** 16 hex digits. @default a random one */
  readonly spanId?: string | undefined;
  /** A span of another process that this one is because of. */
  readonly link?: SpanPlace | undefined;
}

/** The place of a span in its trace, see `Trace`. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

export interface SpanEnd {
  readonly endedAt: number;
  readonly attributes?: SpanAttributes;
  /** Why its work failed. */
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}

/** A span that has begun. */
export interface Span {
  /** Begins a span of its delivery: in the span whose work is running, otherwise in this one. `undefined` if there are too many. */
  begin(start: SpanStart): Span | undefined;
  /** Calls `work` at once, with this span as the one whose work is running, also after what it awaits. */
  within(work: () => void): void;
  /** Ends it. Calls after the first have no effect. */
  end(end: SpanEnd): void;
}

/** The span of a delivery: it decides about all spans in it. */
export interface DeliverySpan extends Span {
  /** @param isKept whether its spans are exported; all that have not ended end with it */
  end(end: SpanEnd, isKept?: boolean): void;
}

/** Records spans and exports them. What it does is no message's concern: `tracing/` catches what it throws and does not wait for long. */
export interface Tracing {
  /** Resolves once spans can begin. */
  ready(): Promise<void>;
  /** Begins the span of a delivery. @param trace its ids and those of its parent @returns `undefined` if it is not ready */
  begin(trace: Trace, start: SpanStart): DeliverySpan | undefined;
  /** Exports the spans of ended deliveries. @param timeoutMs later, nothing is waited for */
  flush(timeoutMs: number): Promise<void>;
}

/** Fields of a log line, in addition to those that the logger sets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes log lines in JSON. The stage's log level decides which levels are written. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): Logger;
}
