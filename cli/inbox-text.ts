import type { InboxState } from '../client/index.ts';

/** What is in an inbox: `about 60 waiting, 20 in flight`. */
export function inboxText({ visible, inFlight, delayed, isPaused }: InboxState): string {
  const parts = [`about ${visible} waiting`, `${inFlight} in flight`, ...(delayed > 0 ? [`${delayed} delayed`] : [])];
  return `${parts.join(', ')}${isPaused === true ? '; the agent is paused' : ''}`;
}
