import { hash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import type { Envelope } from '../../events/envelope.ts';
import type { AgentDefinition } from './agent.ts';
import type { ContentReference } from './content.ts';
import {
  type Attempt,
  type LedgerRecord,
  messageKey,
  type Outcome,
  type OutgoingMessage,
  type RecordedError,
  unopenedKey,
} from './ledger-record.ts';
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
  #opened: Opened | undefined;
  #trace: Trace | undefined;
  #createLogger: () => Logger;
  #logger: Logger | undefined;
  #isAcknowledged = false;
  /** Failed attempts of this generation, those on record and those found out now. */
  attempts: readonly Attempt[] = [];
  /** Received before without a recorded failure: its process may have crashed on it. */
  isSuspect = false;
  /** The record of this passage's own claim, once it is written, whether or not the answer came. */
  claimed: LedgerRecord | undefined;
  /** Someone is being told of its error; the message does not wait for it, the invocation does. Never rejects. */
  alerting: Promise<void> | undefined;
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

  /** Finds out who the message is before anyone is given its data, who may change it. @throws PermanentError `InvalidEnvelope` */
  open(): void {
    this.#opened ??= openBody(this.record.body, this.agent.id);
  }

  get isOpened(): boolean {
    return this.#opened !== undefined;
  }

  get envelope(): Envelope {
    if (this.#opened === undefined) throw new Error('the step open has not run');
    return this.#opened.envelope;
  }

  /** Identifies the message at this agent; what cannot be opened goes by the id that SQS gave it. */
  get messageKey(): string {
    return this.#conflictKey ?? this.#opened?.messageKey ?? unopenedKey(this.agent.id, this.record.messageId);
  }

  get generation(): number {
    return this.#opened?.generation ?? 0;
  }

  /** Of the data as it was sent, so that the same message sent twice has the same one. */
  get digest(): string {
    return this.#opened?.digest ?? hash('sha256', this.record.body, 'base64url');
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

interface Opened {
  readonly envelope: Envelope;
  readonly messageKey: string;
  readonly generation: number;
  readonly digest: string;
}

/** The envelope is frozen for what is sent downstream is made of it; the data is the agent's own, and its identity is taken before. */
function openBody(body: string, agentId: string): Opened {
  const envelope = Object.freeze(parseEnvelope(body));
  if (envelope.metadata) Object.freeze(envelope.metadata);
  return {
    envelope,
    messageKey: messageKey(agentId, envelope.source, envelope.id),
    generation: envelope.generation ?? 0,
    digest: digestOfData(envelope),
  };
}

function digestOfData({ type, subject, datacontenttype = 'application/json', data, dataref, datadigest }: Envelope): string {
  const content = dataref === undefined ? { data } : { datadigest };
  return hash('sha256', JSON.stringify([type, subject, datacontenttype, content]), 'base64url');
}
