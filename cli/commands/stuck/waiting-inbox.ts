import type { InboxState, StuckMessage } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { resumeText } from '../../inboxes.ts';

/** An inbox whose messages wait. */
export interface WaitingInbox extends InboxState {
  /** When the oldest message in it was sent of which the ledger has a record, in epoch milliseconds. It may have older ones. */
  readonly oldestKnownSentAt: number | undefined;
}

/**
 * Whether the messages of an inbox wait too long, as far as that can be known. SQS does not report the age of its oldest message: an inbox
 * from which nothing is in flight has no reader, and a record without an outcome tells when its message was sent.
 *
 * @param stuck messages of the agent that do not move
 */
export function waitingInbox(inbox: InboxState, stuck: readonly StuckMessage[]): WaitingInbox | undefined {
  const { agent, visible, inFlight, isPaused } = inbox;
  const sent = stuck.flatMap(({ hop }) => (hop.agent === agent && hop.sentAt !== undefined ? [hop.sentAt] : []));
  const oldestKnownSentAt = sent.length === 0 ? undefined : Math.min(...sent);
  const waits = visible > 0 && (inFlight === 0 || isPaused === true || oldestKnownSentAt !== undefined);
  return waits ? { ...inbox, oldestKnownSentAt } : undefined;
}

/** What it means. @param flags the options that find the mesh */
export function waitingText(inbox: WaitingInbox, nowMs: number, flags: string): string {
  const { agent, visible, inFlight, isPaused, oldestKnownSentAt } = inbox;
  if (isPaused === true) return resumeText(inbox, flags);
  const reader = inFlight === 0 ? 'none in flight: nothing receives them now' : `${inFlight} in flight`;
  const oldest = oldestKnownSentAt === undefined ? '' : `; the oldest known was sent ${duration(nowMs - oldestKnownSentAt)} ago`;
  return `${agent}: about ${visible} ${visible === 1 ? 'message waits' : 'messages wait'} in its inbox, ${reader}${oldest}`;
}
