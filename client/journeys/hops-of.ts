import type { LedgerRecord } from '../../events/ledger-record.ts';
import { type Hop, hopOf, missingHop } from './hop.ts';
import type { OutboxMessage } from './outbox-message.ts';

/** A record, and the messages in its outbox, wherever it is kept. */
export interface ReadRecord {
  readonly record: LedgerRecord;
  readonly outbox: readonly OutboxMessage[];
  /** Why its outbox could not be read. */
  readonly outboxProblem?: string;
}

/** What is known of messages besides the records that are read. */
export interface Known {
  /** Keys that have a record. */
  readonly recorded: ReadonlySet<string | undefined>;
  /** Messages that their target refused, by {@link refusedMark}: their records have keys of their own. */
  readonly refused: ReadonlySet<string>;
}

/** Tells a refused message from others of its journey: its record knows its target and its data, not its id. */
export const refusedMark = (agentId: string, digest: string): string => `${agentId} ${digest}`;

/** The hops of some records, in their order. After each come those of its outbox that have left no record at their target. */
export const hopsOf = (read: readonly ReadRecord[], known: Known, nowMs: number): readonly Hop[] =>
  read.flatMap(({ record, outbox, outboxProblem }) => {
    const hop = { ...hopOf(record, outbox, nowMs), ...(outboxProblem !== undefined && { outboxProblem }) };
    return [hop, ...missingIn(outbox, known).map((message) => missingHop(message, hop))];
  });

/** Whether a message in these outboxes has no record under its key. Then it may have been refused. */
export const hasMissing = (read: readonly ReadRecord[], recorded: Known['recorded']): boolean =>
  read.some(({ outbox }) => missingIn(outbox, { recorded, refused: new Set() }).length > 0);

const missingIn = (outbox: readonly OutboxMessage[], { recorded, refused }: Known): readonly ToAgent[] =>
  sentTo(outbox).filter(({ messageKey, to, digest }) => !recorded.has(messageKey) && !refused.has(refusedMark(to, digest)));

/** The keys of the records that should be there, because a processed message sent them. */
export const expectedKeys = (read: readonly ReadRecord[]): readonly string[] => [
  ...new Set(read.flatMap(({ outbox }) => sentTo(outbox).map(({ messageKey }) => messageKey))),
];

type ToAgent = OutboxMessage & { readonly to: string; readonly messageKey: string };

const sentTo = (outbox: readonly OutboxMessage[]): readonly ToAgent[] =>
  outbox.flatMap((message) => {
    const { to, messageKey } = message;
    return to === undefined || messageKey === undefined ? [] : [{ ...message, to, messageKey }];
  });
