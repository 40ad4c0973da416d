import { hash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import type { Envelope } from '../../events/envelope.ts';
import type { AgentDefinition } from './agent.ts';
import type { ContentReference } from './content.ts';
import { type Attempt, type LedgerRecord, messageKey, type Outcome, type OutgoingMessage, type RecordedError } from './ledger-record.ts';
import { parseEnvelope } from './parse-envelope.ts';
import type { Logger } from './ports.ts';
import type { Trace } from './traceparent.ts';

/** What is told to SQS: done with, or to be received again after the visibility that was set. */
export type Disposition = 'acknowledge' | 'retry';

/** What a handler left behind: nothing of it is visible before the commit. */
export interface Effects {
  readonly outbox: readonly OutgoingMessage[];
  readonly outboxRef?: ContentReference;
  readonly result?: unknown;
  readonly resultRef?: ContentReference;
}

/** What the audit line says beside the message's ids. */
export interface Verdict {
  outcome: Outcome | 'retry' | 'duplicate';
  error?: RecordedError;
  /** Why it comes again though nothing is known against it. */
  cause?: unknown;
  delaySeconds?: number;
}

/** One message on its way through the pipeline: what each step found out, for the steps after it. */
export class Passage {
  readonly agent: AgentDefinition;
  readonly record: SQSRecord;
  readonly receiveCount: number;
  /** Epoch milliseconds at which the handler must have ended. */
  readonly deadlineAt: number;
  /** Epoch milliseconds at which the invocation ends, however it ends. */
  readonly endsAt: number;
  readonly startedAt: number;
  /** Unknown until the ledger was read; `undefined` when it has no record. */
  seen: LedgerRecord | undefined;
  /** Another record than the message's own takes the outcome of a conflict. */
  #conflictKey: string | undefined;
  #envelope: Envelope | undefined;
  #digest: string | undefined;
  #trace: Trace | undefined;
  #createLogger: () => Logger;
  #logger: Logger | undefined;
  #isAcknowledged = false;
  /** Failed attempts of this generation, those on record and those found out now. */
  attempts: readonly Attempt[] = [];
  /** Received before without a recorded failure: its process may have crashed on it. */
  isSuspect = false;
  data: unknown;
  effects: Effects = { outbox: [] };
  verdict: Verdict = { outcome: 'retry' };

  constructor(options: {
    readonly agent: AgentDefinition;
    readonly record: SQSRecord;
    readonly startedAt: number;
    readonly deadlineAt: number;
    readonly endsAt: number;
    readonly createLogger: () => Logger;
  }) {
    this.agent = options.agent;
    this.record = options.record;
    this.startedAt = options.startedAt;
    this.deadlineAt = options.deadlineAt;
    this.endsAt = options.endsAt;
    this.#createLogger = options.createLogger;
    const receiveCount = Number(options.record.attributes.ApproximateReceiveCount);
    this.receiveCount = Number.isInteger(receiveCount) && receiveCount > 0 ? receiveCount : 1;
  }

  /** @throws PermanentError `InvalidEnvelope` */
  open(): void {
    this.#envelope ??= parseEnvelope(this.record.body);
  }

  get isOpened(): boolean {
    return this.#envelope !== undefined;
  }

  get envelope(): Envelope {
    if (this.#envelope === undefined) throw new Error('the step open has not run');
    return this.#envelope;
  }

  /** Identifies the message at this agent; what cannot be opened goes by the id that SQS gave it. */
  get messageKey(): string {
    if (this.#conflictKey !== undefined) return this.#conflictKey;
    if (!this.isOpened) return messageKey(this.agent.id, 'sqs', this.record.messageId);
    return messageKey(this.agent.id, this.envelope.source, this.envelope.id);
  }

  get generation(): number {
    return this.isOpened ? (this.envelope.generation ?? 0) : 0;
  }

  /** Of the data as it was sent, so that the same message sent twice has the same one. */
  get digest(): string {
    this.#digest ??= this.isOpened ? digestOfData(this.envelope) : hash('sha256', this.record.body, 'base64url');
    return this.#digest;
  }

  /** The same id came with other data: its outcome is recorded beside the first message's, not over it. */
  markConflict(): void {
    // In front, where no agent id has a colon: an id may end with anything, and must not be the key of another's conflict.
    this.#conflictKey = `conflict:${this.digest} ${this.messageKey}`;
    this.seen = undefined;
  }

  get trace(): Trace {
    if (this.#trace === undefined) throw new Error('the step trace has not run');
    return this.#trace;
  }

  set trace(trace: Trace) {
    this.#trace = trace;
  }

  /** Made when the first line is written: most messages write none but the audit line. */
  get logger(): Logger {
    this.#logger ??= this.#createLogger();
    return this.#logger;
  }

  logWith(createLogger: () => Logger): void {
    this.#createLogger = createLogger;
    this.#logger = undefined;
  }

  /** Its outcome is committed and everything it sends is sent: SQS may delete it. */
  acknowledge(): void {
    this.#isAcknowledged = true;
  }

  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  get isTraced(): boolean {
    return this.#trace !== undefined;
  }
}

function digestOfData({ type, subject, data, dataref, datadigest }: Envelope): string {
  return hash('sha256', JSON.stringify([type, subject, dataref === undefined ? { data } : { datadigest }]), 'base64url');
}
