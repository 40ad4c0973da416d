import type { QueueDepth, StuckMessage } from '../../../client/index.ts';
import { duration } from '../../duration.ts';

/** An inbox whose messages wait. */
export interface WaitingInbox extends QueueDepth {
  readonly agent: string;
  /** When the oldest message in it was sent of which the ledger has a record, in epoch milliseconds. It may have older ones. */
  readonly oldestKnownSentAt: number | undefined;
}

/**
 * Whether the messages of an inbox wait too long, as far as that can be known. SQS does not report the age of its oldest message: an inbox
 * from which nothing is in flight has no reader, and a record without an outcome tells when its message was sent.
 *
 * @param stuck messages of the agent that do not move
 */
export function waitingInbox(agent: string, depth: QueueDepth, stuck: readonly StuckMessage[]): WaitingInbox | undefined {
  const sent = stuck.flatMap(({ hop }) => (hop.agent === agent && hop.sentAt !== undefined ? [hop.sentAt] : []));
  const oldestKnownSentAt = sent.length === 0 ? undefined : Math.min(...sent);
  const waits = depth.visible > 0 && (depth.inFlight === 0 || oldestKnownSentAt !== undefined);
  return waits ? { agent, ...depth, oldestKnownSentAt } : undefined;
}

/** What it means. */
export function inboxText({ agent, visible, inFlight, oldestKnownSentAt }: WaitingInbox, nowMs: number): string {
  const reader = inFlight === 0 ? 'none in flight: nothing receives them now' : `${inFlight} in flight`;
  const oldest = oldestKnownSentAt === undefined ? '' : `; the oldest known was sent ${duration(nowMs - oldestKnownSentAt)} ago`;
  return `${agent}: about ${visible} ${visible === 1 ? 'message waits' : 'messages wait'} in its inbox, ${reader}${oldest}`;
}
