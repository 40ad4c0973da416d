import * as z from 'zod/mini';
import type { AccessDecision } from './access-record.ts';
import { type ContentReference, contentReferenceSchema } from './content-reference.ts';
import { type ModelUsage, storedUsageSchema, toStoredUsage } from './model-usage.ts';

/** How a message ended. Each ends as exactly one of these. */
export type Outcome = 'processed' | 'rejected' | 'dead-lettered';

/** A message in an outbox: to an agent by id, or to the replies queue (`to` absent). */
export interface OutgoingMessage {
  readonly to?: string;
  /** It is a reply to an agent: if SQS refuses it there, the replies queue gets it. */
  readonly reply?: true;
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
  /** Epoch milliseconds at which it began. Absent where its process crashed, and in records of versions before 0.3. */
  readonly from?: number;
  /** What it used of models, for nothing. */
  readonly usage?: readonly ModelUsage[];
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
  /** SQS's `SentTimestamp` of the message, epoch milliseconds. */
  readonly sentAt?: number;
  /** SQS's `ApproximateFirstReceiveTimestamp` of the message, epoch milliseconds. */
  readonly receivedAt?: number;
  /** Epoch milliseconds of the first receive of this generation that left a trace. */
  readonly startedAt: number;
  /** Failed attempts of this generation. */
  readonly attempts: readonly Attempt[];
  readonly claim?: Claim;
  readonly outcome?: Outcome;
  /** Epoch milliseconds at which the handler of the committed attempt began. It ended at `endedAt`. */
  readonly handledAt?: number;
  /** What the committed attempt used of models. */
  readonly usage?: readonly ModelUsage[];
  /** Epoch milliseconds of the outcome. */
  readonly endedAt?: number;
  readonly error?: RecordedError;
  readonly result?: unknown;
  readonly resultRef?: ContentReference;
  readonly outbox?: readonly OutgoingMessage[];
  /** The outbox as content where it is too large for the item. */
  readonly outboxRef?: ContentReference;
  /** Its key in the index of journeys, see `journeyKey`. Absent where sampling leaves the journey out and nothing failed. */
  readonly journey?: string;
  /** Its key in the index of open records. A record with an outcome that an older version wrote may have it, too. */
  readonly open?: string;
  /** Epoch milliseconds of this write: since then the record does not move. Present with `open`. */
  readonly since?: number;
  /** Epoch milliseconds until which the message waits to be tried again. Present with `open`, after a failed attempt. */
  readonly dueAt?: number;
  /** Present where the mesh has an index by trace id and the journey is indexed. */
  readonly traceId?: string;
  /** Epoch seconds: DynamoDB's time to live. */
  readonly expiresAt: number;
}

/** The form of an {@link OutgoingMessage}. */
export const outgoingMessageSchema = z.object({
  to: z.exactOptional(z.string()),
  reply: z.exactOptional(z.literal(true)),
  body: z.string(),
});

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
  sentAt: z.exactOptional(z.number()),
  receivedAt: z.exactOptional(z.number()),
  attempts: z.array(
    z.object({ at: z.number(), from: z.exactOptional(z.number()), usage: z.exactOptional(storedUsageSchema), ...recordedErrorShape }),
  ),
  claim: z.exactOptional(z.object({ owner: z.string(), expiresAt: z.number() })),
  outcome: z.exactOptional(z.enum(['processed', 'rejected', 'dead-lettered'])),
  handledAt: z.exactOptional(z.number()),
  usage: z.exactOptional(storedUsageSchema),
  endedAt: z.exactOptional(z.number()),
  error: z.exactOptional(z.object(recordedErrorShape)),
  result: z.exactOptional(
    z.pipe(
      z.string(),
      z.transform((json): unknown => JSON.parse(json)),
    ),
  ),
  resultRef: z.exactOptional(contentReferenceSchema),
  outbox: z.exactOptional(z.array(outgoingMessageSchema)),
  outboxRef: z.exactOptional(contentReferenceSchema),
  journey: z.exactOptional(z.string()),
  open: z.exactOptional(z.string()),
  since: z.exactOptional(z.number()),
  dueAt: z.exactOptional(z.number()),
  traceId: z.exactOptional(z.string()),
  expiresAt: z.number(),
});

/**
 * The item for DynamoDB. It has the result as JSON text, because DynamoDB has no form for some numbers and depths that JSON has. It has
 * the decision about the sender and the usage of models as lists, because the names of their parts would double their size.
 */
export const toStoredRecord = ({ result, access, usage, ...record }: LedgerRecord): Readonly<Record<string, unknown>> => ({
  ...record,
  attempts: record.attempts.map(({ usage: wasted, ...attempt }) => ({ ...attempt, ...(wasted && { usage: toStoredUsage(wasted) }) })),
  ...(usage && { usage: toStoredUsage(usage) }),
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

/** Attributes that a later write of the same record may no longer have. A writer that replaces a record removes them. */
export const OPTIONAL_ATTRIBUTES = Object.entries(ledgerRecordSchema.shape)
  .filter(([, schema]) => schema instanceof z.ZodMiniExactOptional)
  .map(([name]) => name);

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

/** What the keys of refused messages begin with. */
export const REFUSED_KEY_PREFIX = 'refused:';

/** Of a message whose sender was refused, by its SQS message id. Under the claimed id, its record would block the genuine message. */
export const refusedKey = (agentId: string, sqsMessageId: string): string => `${REFUSED_KEY_PREFIX}${agentId} ${sqsMessageId}`;

/** Of a message whose id belongs to other data. In front, where no agent id has a colon: an id may end with anything. */
export const conflictKey = (digest: string, key: string): string => `conflict:${digest} ${key}`;

/** Of the mark that an alert was sent, one for each fingerprint and window. */
export const alertKey = (fingerprint: string, agentId: string, window: number | '*'): string => `alert:${fingerprint} ${agentId} ${window}`;
