import type { ContentReference } from './content.ts';

/** How a message ended. Each ends as exactly one of these. */
export type Outcome = 'processed' | 'rejected' | 'dead-lettered';

/** A message waiting in an outbox: to an agent by id, or to the replies queue (`to` absent). */
export interface OutgoingMessage {
  readonly to?: string;
  /** The envelope as JSON, exactly as it is sent, however often. */
  readonly body: string;
}

/** What is kept of an error. */
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

/** Who is handling the message now, and until when others leave it alone. */
export interface Claim {
  readonly owner: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The ledger's item: everything known of one message at one agent. Written only as a whole and only over the revision read. */
export interface LedgerRecord {
  readonly messageKey: string;
  /** A token of this very write: the condition of the next one, and how a writer recognises its own. */
  readonly revision: string;
  readonly agent: string;
  readonly generation: number;
  /** SHA-256 of type, subject, datacontenttype and data, base64url: the same id with other data is a conflict. */
  readonly digest: string;
  readonly sender: string;
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

/** Longer than a message can live: 7 days in the inbox and 14 in the dead-letter queue. */
const RETENTION_MS = 30 * 86_400_000;

/** @returns epoch seconds for {@link LedgerRecord.expiresAt} */
export const expiry = (nowMs: number): number => Math.ceil((nowMs + RETENTION_MS) / 1_000);

/** Unambiguous: agent ids and sources have no spaces. */
export const messageKey = (agentId: string, source: string, id: string): string => `${agentId} ${source} ${id}`;

/** Of what is no envelope, by the id that SQS gave it. The key of no envelope: no agent id has a colon. */
export const unopenedKey = (agentId: string, sqsMessageId: string): string => `unopened:${agentId} ${sqsMessageId}`;
