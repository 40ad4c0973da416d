import * as z from 'zod/mini';
import type { AccessDecision } from './access-record.ts';
import { type ContentReference, contentReferenceSchema } from './content-reference.ts';

/** How a message ended. Each ends as exactly one of these. */
export type Outcome = 'processed' | 'rejected' | 'dead-lettered';

/** A message in an outbox: to an agent by id, or to the replies queue (`to` absent). */
export interface OutgoingMessage {
  readonly to?: string;
  /** The envelope as JSON, exactly as it is sent, however often. */
  readonly body: string;
}

/** An error as the ledger keeps it. */
export interface RecordedError {
  readonly code: string;
  readonly reason: string;
  readonly kind: 'permanent' | 'transient' | 'unknown';
}

/** A failed attempt. */
export interface Attempt extends RecordedError {
  /** Epoch milliseconds at which it failed. */
  readonly at: number;
}

/** The invocation that handles the message now, and the time until which no other may. */
export interface Claim {
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The ledger's item: everything on record about one message at one agent. A writer replaces the whole item, and only the revision that it read. */
export interface LedgerRecord {
  readonly messageKey: string;
  /** Unique to this write: the condition of the next write. It begins with the id of the SQS message whose delivery wrote the record. */
  readonly revision: string;
  readonly agent: string;
  readonly generation: number;
  /** SHA-256 of type, subject, datacontenttype and data, base64url: the same id with other data is a conflict. */
  readonly digest: string;
  /** The `SenderId` that SQS stamped on the message; of a redriven message, on the original. */
  readonly sender: string;
  /** The decision about the sender. Absent with `authentication: 'none'`, and in records of versions before 0.2. */
  readonly access?: AccessDecision;
  /** Epoch milliseconds of the first receive of this generation that left a trace. */
  readonly startedAt: number;
  /** Failed attempts of this generation. */
  readonly attempts: readonly Attempt[];
  readonly claim?: Claim;
  readonly outcome?: Outcome;
  /** Epoch milliseconds of the outcome. */
  readonly endedAt?: number;
  readonly error?: RecordedError;
  readonly result?: unknown;
  readonly resultRef?: ContentReference;
  readonly outbox?: readonly OutgoingMessage[];
  /** The outbox as content where it is too large for the item. */
  readonly outboxRef?: ContentReference;
  /** Present where the journey is indexed: it is sampled, or this message failed. */
  readonly traceId?: string;
  /** Epoch seconds: DynamoDB's time to live. */
  readonly expiresAt: number;
}

const recordedErrorShape = { code: z.string(), reason: z.string(), kind: z.enum(['permanent', 'transient', 'unknown']) };

/** A ledger record as DynamoDB keeps it, unmarshalled. Parsing it makes of the result, which is stored as JSON text, its value. */
export const ledgerRecordSchema = z.object({
  messageKey: z.string(),
  revision: z.string(),
  agent: z.string(),
  generation: z.number(),
  digest: z.string(),
  sender: z.string(),
  access: z.exactOptional(
    z.pipe(
      z.array(z.string()),
      z.transform(
        ([principal = '', action = '', rule = '', onBehalfOf = '', redrivenBy = '']): AccessDecision => ({
          ...{ principal, action, rule },
          ...(onBehalfOf !== '' && { onBehalfOf }),
          ...(redrivenBy !== '' && { redrivenBy }),
        }),
      ),
    ),
  ),
  startedAt: z.number(),
  attempts: z.array(z.object({ at: z.number(), ...recordedErrorShape })),
  claim: z.exactOptional(z.object({ owner: z.string(), expiresAt: z.number() })),
  outcome: z.exactOptional(z.enum(['processed', 'rejected', 'dead-lettered'])),
  endedAt: z.exactOptional(z.number()),
  error: z.exactOptional(z.object(recordedErrorShape)),
  result: z.exactOptional(
    z.pipe(
      z.string(),
      z.transform((json): unknown => JSON.parse(json)),
    ),
  ),
  resultRef: z.exactOptional(contentReferenceSchema),
  outbox: z.exactOptional(z.array(z.object({ to: z.exactOptional(z.string()), body: z.string() }))),
  outboxRef: z.exactOptional(contentReferenceSchema),
  traceId: z.exactOptional(z.string()),
  expiresAt: z.number(),
});

/**
 * The item for DynamoDB. It has the result as JSON text, because DynamoDB has no form for some numbers and depths that JSON has. It has
 * the decision about the sender as a list, because the names of its parts would double its size.
 */
export const toStoredRecord = ({ result, access, ...record }: LedgerRecord): Readonly<Record<string, unknown>> => ({
  ...record,
  ...(access && { access: toStoredDecision(access) }),
  ...(result !== undefined && { result: JSON.stringify(result) }),
});

function toStoredDecision({ principal, action, rule, onBehalfOf = '', redrivenBy = '' }: AccessDecision): readonly string[] {
  const parts = [principal, action, rule, onBehalfOf, redrivenBy];
  return parts.slice(0, parts.findLastIndex((part) => part !== '') + 1);
}

/**
 * A new revision for a write by a delivery of an SQS message. No sender can forge the ids that SQS assigns, so the revision also proves
 * which SQS message the record belongs to.
 *
 * @param uuid a random UUID; its first 48 bits keep the revisions of one message apart
 */
export const revisionOf = (sqsMessageId: string, uuid: string): string => `${sqsMessageId}.${uuid.replaceAll('-', '').slice(0, 12)}`;

/** Whether a record was written by a delivery of this SQS message. */
export const isRevisionOf = (revision: string, sqsMessageId: string): boolean => revision.startsWith(`${sqsMessageId}.`);

/** What the index of journeys holds of a record. */
export const INDEXED_ATTRIBUTES = ['agent', 'outcome', 'generation', 'error', 'attempts', 'endedAt', 'result'] as const;

/** A ledger record as the index of journeys holds it, unmarshalled. */
export const indexedRecordSchema = z.pick(ledgerRecordSchema, {
  messageKey: true,
  startedAt: true,
  agent: true,
  outcome: true,
  generation: true,
  error: true,
  attempts: true,
  endedAt: true,
});

/** Longer than a message can live: 7 days in the inbox and 14 in the dead-letter queue. */
const RETENTION_MS = 30 * 86_400_000;

/** @returns epoch seconds for {@link LedgerRecord.expiresAt} */
export const expiry = (nowMs: number): number => Math.ceil((nowMs + RETENTION_MS) / 1_000);

/**
 * The key of a message's ledger record. It is unambiguous: agent ids and sources have no spaces.
 *
 * @param source the event's `source`
 * @param id the event's `id`
 * @example
 * ```ts
 * messageKey('greeting', 'https://shop.example.com', 'order-1'); // 'greeting https://shop.example.com order-1'
 * ```
 */
export const messageKey = (agentId: string, source: string, id: string): string => `${agentId} ${source} ${id}`;

/** Of an unparsable message, by its SQS message id. No envelope has this key: no agent id has a colon. */
export const unopenedKey = (agentId: string, sqsMessageId: string): string => `unopened:${agentId} ${sqsMessageId}`;

/** Of a message whose sender was refused, by its SQS message id. Under the claimed id, its record would block the genuine message. */
export const refusedKey = (agentId: string, sqsMessageId: string): string => `refused:${agentId} ${sqsMessageId}`;

/** Of a message whose id belongs to other data. In front, where no agent id has a colon: an id may end with anything. */
export const conflictKey = (digest: string, key: string): string => `conflict:${digest} ${key}`;

/** Of the mark that an alert was sent, one for each fingerprint and window. */
export const alertKey = (fingerprint: string, agentId: string, window: number | '*'): string => `alert:${fingerprint} ${agentId} ${window}`;
