import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Clock } from '../ports.ts';

/**
 * No outcome is committed after the end of its invocation: by then another process may have received the message. The ledger's revisions
 * exclude two outcomes of two processes that accept its sender, but not that one accepts the sender and the other refuses it.
 *
 * @throws Interrupted when the invocation is over
 */
export function assertInTime({ endsAt, messageKey }: Pick<Delivery, 'endsAt' | 'messageKey'>, clock: Pick<Clock, 'now'>): void {
  if (clock.now() >= endsAt) throw new Interrupted(`the invocation was over before the outcome of ${messageKey} could be committed`);
}
