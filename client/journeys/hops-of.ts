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

/** Of more messages than this one wants no proof before the next hop is shown. */
const LARGE_OUTBOX = 25;

/** Whether so many messages are in an outbox that what became of them is looked up after all other hops of the journey. */
export const isLarge = ({ outbox }: Pick<ReadRecord, 'outbox'>): boolean => outbox.length > LARGE_OUTBOX;

/**
 * The hops of some records, in their order. After each come those of its outbox that have left no record at their target, unless the outbox
 * {@link isLarge}.
 */
export const hopsOf = (read: readonly ReadRecord[], known: Known, nowMs: number): readonly Hop[] =>
  read.flatMap((each) => {
    const { record, outbox, outboxProblem } = each;
    const hop = { ...hopOf(record, outbox, nowMs), ...(outboxProblem !== undefined && { outboxProblem }) };
    return [hop, ...(isLarge(each) ? [] : missingHopsOf(each, known, nowMs))];
  });

/** The messages in an outbox that have left no record at their target. */
export const missingHopsOf = ({ record, outbox }: ReadRecord, known: Known, nowMs: number): readonly Hop[] => {
  const sender = hopOf(record, [], nowMs);
  return missingIn(outbox, known).map((message) => missingHop(message, sender));
};

/** Those of an outbox that have neither a record under their key nor one as refused. */
export const missingIn = (outbox: readonly OutboxMessage[], { recorded, refused }: Known): readonly ToAgent[] =>
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
