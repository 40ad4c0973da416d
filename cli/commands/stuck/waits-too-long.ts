import type { InboxState } from '../../../client/index.ts';

/**
 * Whether messages in an inbox wait too long, or for somebody to resume the agent. Where nothing shows how long they wait, they may.
 *
 * @param olderThanMs how long is too long
 */
export function waitsTooLong(
  { visible, isPaused, waitingSince, snapshotsProblem }: InboxState,
  olderThanMs: number,
  nowMs: number,
): boolean {
  if (visible === 0) return false;
  return isPaused === true || snapshotsProblem !== undefined || nowMs - (waitingSince ?? nowMs) >= olderThanMs;
}
