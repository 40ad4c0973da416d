import { correlationIdOf } from '../../events/ledger-index.ts';
import type { Attempt, Claim, LedgerRecord, Outcome, RecordedError } from '../../events/ledger-record.ts';
import type { ModelUsage } from '../../events/model-usage.ts';
import type { OutboxMessage } from './outbox-message.ts';

/**
 * What a hop is doing.
 *
 * - `ended`: it has its outcome.
 * - `claimed`: a process handles it, and no other may until `until`.
 * - `backoff`: an attempt failed; it is tried again after `until`.
 * - `due`: its claim or its backoff has ended, and SQS will deliver it again. `since` is when.
 * - `not-received`: it is in the outbox of another hop, and no process has left a record of it. `since` is the commit of that hop.
 */
export type HopState =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly at: number; readonly error: RecordedError | undefined }
  | { readonly kind: 'claimed'; readonly until: number; readonly owner: string }
  | { readonly kind: 'backoff'; readonly until: number }
  | { readonly kind: 'due'; readonly since: number }
  | { readonly kind: 'not-received'; readonly since: number };

/** One message at one agent. All times are epoch milliseconds of the clocks of SQS and of the agents' functions, which may differ a little. */
export interface Hop {
  /** See `messageKey` of `posthorn/events`. */
  readonly messageKey: string;
  readonly agent: string;
  /** Of the message; `undefined` for one that is not an envelope or whose sender was refused. */
  readonly id: string | undefined;
  readonly source: string | undefined;
  /** Of its journey; `undefined` where the record is not in the index of journeys. */
  readonly correlationId: string | undefined;
  readonly generation: number;
  readonly state: HopState;
  readonly outcome: Outcome | undefined;
  readonly error: RecordedError | undefined;
  /** When SQS accepted it and delivered it first. `undefined` where the record does not tell. */
  readonly sentAt: number | undefined;
  readonly receivedAt: number | undefined;
  /** When the first attempt of its generation began; `undefined` while it is not received. */
  readonly startedAt: number | undefined;
  /** When the handler of the committed attempt began; it ended at `endedAt`. */
  readonly handledAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Failed attempts of its generation. */
  readonly attempts: readonly Attempt[];
  /** What the committed attempt used of models. The failed attempts have their own. */
  readonly usage: readonly ModelUsage[];
  /** What it sent, once it is processed. */
  readonly outbox: readonly OutboxMessage[];
  /** Why its outbox is not known: it is kept as content, which could not be read. Then messages that it sent may be missing here. */
  readonly outboxProblem?: string;
}

/** The hop of a record. @param outbox the messages in the record's outbox */
export function hopOf(record: LedgerRecord, outbox: readonly OutboxMessage[], nowMs: number): Hop {
  const { messageKey, agent, generation, outcome, error, endedAt, startedAt, attempts } = record;
  return {
    ...{ messageKey, agent, ...identityIn(record), generation, outcome, error, startedAt, endedAt, attempts, outbox },
    ...timesOf(record),
    correlationId: record.journey === undefined ? undefined : correlationIdOf(record.journey),
    usage: outcome === 'processed' ? (record.usage ?? []) : [],
    state: stateOf(record, nowMs),
  };
}

/** The hop of a message in an outbox, of which its target has no record. */
export const missingHop = (message: OutboxMessage & { readonly to: string; readonly messageKey: string }, sender: Hop): Hop => ({
  messageKey: message.messageKey,
  agent: message.to,
  id: message.id,
  source: message.source,
  correlationId: sender.correlationId,
  generation: 0,
  state: { kind: 'not-received', since: sender.endedAt ?? sender.startedAt ?? 0 },
  ...{ outcome: undefined, error: undefined, sentAt: undefined, receivedAt: undefined, startedAt: undefined },
  ...{ handledAt: undefined, endedAt: undefined, attempts: [], usage: [], outbox: [] },
});

function stateOf({ outcome, error, endedAt, startedAt, claim, dueAt, attempts }: LedgerRecord, nowMs: number): HopState {
  if (outcome !== undefined) return { kind: 'ended', outcome, at: endedAt ?? startedAt, error };
  if (claim !== undefined) return claimState(claim, nowMs);
  const failedAt = attempts.at(-1)?.at ?? startedAt;
  const until = dueAt !== undefined && dueAt >= failedAt ? dueAt : failedAt;
  return until > nowMs ? { kind: 'backoff', until } : { kind: 'due', since: until };
}

const claimState = ({ owner, expiresAt }: Claim, nowMs: number): HopState =>
  expiresAt > nowMs ? { kind: 'claimed', until: expiresAt, owner } : { kind: 'due', since: expiresAt };

/**
 * A version that does not know these attributes leaves them in a record that it replaces. Then they are of an older generation or attempt,
 * and their order gives them away.
 */
function timesOf({ sentAt, receivedAt, handledAt, startedAt, endedAt, outcome }: LedgerRecord) {
  const isOwn = handledAt !== undefined && outcome === 'processed' && handledAt >= startedAt && handledAt <= (endedAt ?? Infinity);
  return { sentAt, receivedAt, handledAt: isOwn ? handledAt : undefined };
}

/** A key is agent, source and id, none of the first two with a space. Other keys have a prefix with a colon. */
function identityIn({ messageKey, agent }: LedgerRecord): { readonly id: string | undefined; readonly source: string | undefined } {
  const key = messageKey.startsWith('conflict:') ? messageKey.slice(messageKey.indexOf(' ') + 1) : messageKey;
  if (!key.startsWith(`${agent} `)) return { id: undefined, source: undefined };
  const rest = key.slice(agent.length + 1);
  const end = rest.indexOf(' ');
  return { source: rest.slice(0, end), id: rest.slice(end + 1) };
}
