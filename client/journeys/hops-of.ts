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

/**
 * The hops of some records, in their order. After each come those of its outbox that have left no record at their target.
 *
 * @param recorded the keys in these outboxes that have a record
 */
export const hopsOf = (read: readonly ReadRecord[], recorded: ReadonlySet<string | undefined>, nowMs: number): readonly Hop[] =>
  read.flatMap(({ record, outbox, outboxProblem }) => {
    const hop = { ...hopOf(record, outbox, nowMs), ...(outboxProblem !== undefined && { outboxProblem }) };
    const missing = sentTo(outbox).filter(({ messageKey }) => !recorded.has(messageKey));
    return [hop, ...missing.map((message) => missingHop(message, hop))];
  });

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
