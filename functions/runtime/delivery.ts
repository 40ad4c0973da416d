import { hash } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import type { AccessDecision, AccessRecord, Principal } from '../../events/access-record.ts';
import type { DeliveryStatus } from '../../events/audit-line.ts';
import type { ContentReference } from '../../events/content-reference.ts';
import { digestOfData } from '../../events/digest-of-data.ts';
import type { Envelope } from '../../events/envelope.ts';
import { SENDER_ATTRIBUTE } from '../../events/failure-attributes.ts';
import {
  type Attempt,
  conflictKey,
  type LedgerRecord,
  messageKey,
  type OutgoingMessage,
  type RecordedError,
  refusedKey,
  unopenedKey,
} from '../../events/ledger-record.ts';
import type { ModelUsage } from '../../events/model-usage.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../../events/parse-envelope.ts';
import type { AgentDefinition } from './agent/agent.ts';
import { PermanentError } from './failure/errors.ts';
import type { Logger } from './ports.ts';
import type { Trace } from './trace.ts';
import type { DeliverySpans } from './tracing/delivery-spans.ts';
import type { Refusal } from './trust/refusal.ts';
import type { VerifiedToken } from './trust/verified-tokens.ts';

/** SQS may delete the message, or redelivers it when its visibility timeout ends. */
export type Disposition = 'acknowledge' | 'retry';

/** A handler's messages and result. None is visible before the commit. */
export interface Effects {
  readonly outbox: readonly OutgoingMessage[];
  readonly outboxRef?: ContentReference;
  readonly result?: unknown;
  readonly resultRef?: ContentReference;
}

/** How the delivery ended, for the audit line. */
export interface DeliveryReport {
  outcome: DeliveryStatus;
  error?: RecordedError;
  /** What interrupted the delivery, although the message is not at fault. */
  cause?: unknown;
  delaySeconds?: number;
}

/** One receive of one message in one invocation, on its way through the pipeline: each step leaves its findings for the next. */
export class Delivery {
  readonly agent: AgentDefinition;
  /** As the event source mapping handed it over. */
  readonly sqsRecord: SQSRecord;
  readonly receiveCount: number;
  /** Epoch milliseconds at which the handler must have ended. */
  readonly deadlineAt: number;
  /** Epoch milliseconds at which the invocation ends, however it ends. */
  readonly endsAt: number;
  readonly startedAt: number;
  /** As it was last read or written; `undefined` until the ledger was read, and when it has no record. */
  ledgerRecord: LedgerRecord | undefined;
  /** Another record than the message's own takes the outcome of a conflict, and of a message that is refused. */
  #ownKey: string | undefined;
  #concernsOriginal = false;
  /** Who sent it, once the step authenticate knows. */
  principal: Principal | undefined;
  /** Of the message, where the stage asks for one. */
  token: VerifiedToken | undefined;
  /** What allows it, once the step authorise has decided, and the record on which it did. */
  access: AccessDecision | undefined;
  accessRecord: AccessRecord | undefined;
  /** Why it is refused. */
  refusal: Refusal | undefined;
  /** It is refused now, but a process accepted this very SQS message before: its record shows how far it came. */
  lateRefusal: Refusal | undefined;
  #opened: Opened | undefined;
  #trace: Trace | undefined;
  #createLogger: () => Logger;
  #logger: Logger | undefined;
  #isAcknowledged = false;
  /** Failed attempts of this generation, those on record and those found out now. */
  attempts: readonly Attempt[] = [];
  /** Received before without a recorded failure: its process may have crashed on it. */
  isSuspect = false;
  /** The record of this delivery's own claim, once it is written, whether or not the answer came. */
  ownClaim: LedgerRecord | undefined;
  /** Where spans are exported, once the step trace has begun them. */
  spans: DeliverySpans | undefined;
  /** An alert about its error is being sent; the message does not wait for it, the invocation does. Never rejects. */
  alerting: Promise<void> | undefined;
  /** Epoch milliseconds at which its handler began. */
  handledAt: number | undefined;
  /** Epoch milliseconds at which it ended, however it did. */
  handledUntil: number | undefined;
  /** What its attempt has used of models so far, added up by model. */
  usage: readonly ModelUsage[] = [];
  data: unknown;
  effects: Effects = { outbox: [] };
  /** The messages of its effects, also where they are kept as content. */
  sentCount = 0;
  report: DeliveryReport = { outcome: 'retry' };
  readonly #onReported: (delivery: Delivery) => void;
  #isReported = false;

  constructor(options: {
    readonly agent: AgentDefinition;
    readonly sqsRecord: SQSRecord;
    readonly startedAt: number;
    readonly deadlineAt: number;
    readonly endsAt: number;
    readonly createLogger: () => Logger;
    /** Called once, when the report is final. @default nothing */
    readonly onReported?: (delivery: Delivery) => void;
  }) {
    this.agent = options.agent;
    this.sqsRecord = options.sqsRecord;
    this.startedAt = options.startedAt;
    this.deadlineAt = options.deadlineAt;
    this.endsAt = options.endsAt;
    this.#createLogger = options.createLogger;
    this.#onReported = options.onReported ?? (() => undefined);
    const receiveCount = Number(options.sqsRecord.attributes.ApproximateReceiveCount);
    this.receiveCount = Number.isInteger(receiveCount) && receiveCount > 0 ? receiveCount : 1;
  }

  /** Parses the envelope and takes the message's identity, before the handler may change the data. @throws PermanentError `InvalidEnvelope` */
  open(): void {
    this.#opened ??= openBody(this.sqsRecord.body, this.agent.id);
  }

  get isOpened(): boolean {
    return this.#opened !== undefined;
  }

  get envelope(): Envelope {
    if (this.#opened === undefined) throw new Error('the step open has not run');
    return this.#opened.envelope;
  }

  /** Identifies the message at this agent; an unparsable message is identified by its SQS message id. */
  get messageKey(): string {
    return this.#ownKey ?? this.#opened?.messageKey ?? unopenedKey(this.agent.id, this.sqsRecord.messageId);
  }

  get generation(): number {
    return this.#opened?.generation ?? 0;
  }

  /** Of the data as it was sent, so that the same message sent twice has the same one. */
  get digest(): string {
    return this.#opened?.digest ?? hash('sha256', this.sqsRecord.body, 'base64url');
  }

  /** The same id came with other data: its outcome is recorded beside the first message's, not over it. */
  markConflict(): void {
    this.#ownKey = conflictKey(this.digest, this.messageKey);
    this.ledgerRecord = undefined;
  }

  /** Its sender is refused: its outcome is recorded under no id that it claims. */
  markRefused(refusal?: Refusal): void {
    this.#concernsOriginal = refusal?.concernsOriginal === true;
    this.#ownKey = this.refusedKey;
    this.ledgerRecord = undefined;
  }

  get isRefused(): boolean {
    return this.#ownKey === this.refusedKey;
  }

  /** Of its record if it is refused. */
  get refusedKey(): string {
    return refusedKey(this.agent.id, this.sqsRecord.messageId);
  }

  /** Whether it is known if the sender may send it. */
  get isDecided(): boolean {
    return this.access !== undefined || this.lateRefusal !== undefined;
  }

  /** An operator sent it again: after an outcome, or after SQS moved it without one. */
  get isRedrive(): boolean {
    return this.generation > 0 || this.statedSenderId !== undefined;
  }

  /** The original sender, as the one states who sent the message again. */
  get statedSenderId(): string | undefined {
    return this.sqsRecord.messageAttributes[SENDER_ATTRIBUTE]?.stringValue;
  }

  /** Of a redriven message, the original sender is the one on record. */
  get decision(): AccessDecision | undefined {
    if (this.access?.redrivenBy === undefined) return this.access;
    const original = this.ledgerRecord?.access;
    if (original === undefined) return this.access;
    const { principal, onBehalfOf } = original;
    return { ...this.access, principal, ...(onBehalfOf !== undefined && { onBehalfOf }) };
  }

  /** The principal that SQS stamped on the message; of a redriven message, on the original. */
  get senderId(): string {
    const { SenderId } = this.sqsRecord.attributes;
    if (this.access?.redrivenBy === undefined && !this.#concernsOriginal) return SenderId;
    return this.ledgerRecord?.sender ?? this.statedSenderId ?? SenderId;
  }

  get trace(): Trace {
    if (this.#trace === undefined) throw new Error('the step trace has not run');
    return this.#trace;
  }

  set trace(trace: Trace) {
    this.#trace = trace;
  }

  /** Created with the first line: most messages write none but the audit line. */
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

  /** The report is final: only sends of what is committed may follow. */
  reported(): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#onReported(this);
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

/** The envelope is frozen, for messages sent downstream are made from it. The handler may change the data, so the digest is taken before. */
function openBody(body: string, agentId: string): Opened {
  const envelope = Object.freeze(parsed(body));
  if (envelope.metadata) Object.freeze(envelope.metadata);
  return {
    envelope,
    messageKey: messageKey(agentId, envelope.source, envelope.id),
    generation: envelope.generation ?? 0,
    digest: digestOfData(envelope),
  };
}

function parsed(body: string): Envelope {
  try {
    return parseEnvelope(body);
  } catch (cause) {
    if (!(cause instanceof InvalidEnvelopeError)) throw cause;
    throw new PermanentError('InvalidEnvelope', cause.message, { cause });
  }
}
