import type { InboxState } from '../client/index.ts';
import { duration } from './duration.ts';

/** What is in an inbox: `about 60 waiting, the oldest for at least 4m 2s, 20 in flight`. */
export function inboxText(inbox: InboxState, nowMs: number): string {
  const { visible, inFlight, delayed, isPaused, snapshotsProblem } = inbox;
  const parts = [
    `about ${visible} waiting${ageText(inbox, nowMs)}`,
    `${inFlight} in flight`,
    ...(delayed > 0 ? [`${delayed} delayed`] : []),
  ];
  const paused = isPaused === true ? ['the agent is paused'] : [];
  const unknown = snapshotsProblem === undefined ? [] : [`how long they wait is not known: ${snapshotsProblem}`];
  return [parts.join(', '), ...paused, ...unknown].join('; ');
}

/** How long the oldest message waits, with a comma before it; empty where that is not known. */
function ageText({ waitingSince, receivedSince, inFlight }: InboxState, nowMs: number): string {
  if (waitingSince === undefined) return '';
  const received = receivedSince === 0 && inFlight === 0 ? ', and none was received in that time' : '';
  return `, the oldest for at least ${duration(nowMs - waitingSince)}${received}`;
}

/** An inbox in which messages wait, as a sentence. */
export function waitingText(inbox: InboxState, nowMs: number): string {
  const { visible, isPaused, inFlight, agent } = inbox;
  const messages = `about ${visible} ${visible === 1 ? 'message waits' : 'messages wait'} in its inbox${ageText(inbox, nowMs)}`;
  return isPaused === true ? `${agent} is paused, and ${messages}` : `${agent}: ${messages}, ${inFlight} in flight`;
}
