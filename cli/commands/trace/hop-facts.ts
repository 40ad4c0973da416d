import type { Hop } from '../../../client/index.ts';
import { duration } from '../../duration.ts';
import { inboxText } from '../../inbox-text.ts';
import { type Inbox, isPaused } from '../../inboxes.ts';
import { meshCommand } from '../../mesh-command.ts';
import { copyableWord } from '../../shell-word.ts';

/** What hops are described with. */
export interface HopSurroundings {
  readonly nowMs: number;
  /** Of an agent with a message that {@link waitsInInbox}. */
  readonly inboxOf: (agent: string) => Inbox | undefined;
  /** Options for commands that find the mesh. */
  readonly flags: string;
}

/** Whether a hop goes on when its agent receives it the next time. */
export const waitsInInbox = ({ state: { kind } }: Hop): boolean => kind === 'not-received' || kind === 'backoff' || kind === 'due';

/** The state of a hop in few words. */
export function stateText({ state, attempts }: Hop, nowMs: number): string {
  switch (state.kind) {
    case 'ended':
      return state.outcome;
    case 'claimed':
      return 'being handled';
    case 'backoff':
      return `retry in ${duration(state.until - nowMs)}`;
    case 'due':
      return attempts.length > 0 ? 'retry is due' : 'to be received';
    case 'not-received':
      return 'not received';
  }
}

/** What happened to a hop, one fact a line: how long it waited, each failed attempt, how it ended, and what it sent. */
export function hopFacts(hop: Hop, surroundings: HopSurroundings): readonly string[] {
  if (hop.state.kind === 'not-received') return [waitingFact(hop, hop.state.since, surroundings)];
  return [...attemptFacts(hop), ...stateFacts(hop, surroundings), ...sentFacts(hop)];
}

function waitingFact({ agent }: Hop, since: number, { nowMs, inboxOf }: HopSurroundings): string {
  const inbox = inboxOf(agent);
  const waiting = `sent ${duration(nowMs - since)} ago, and no process has left a record of it`;
  if (inbox === undefined) return waiting;
  if ('problem' in inbox) return `${waiting}; its inbox: ${inbox.problem}`;
  return `${waiting}; its inbox has ${inboxText(inbox, nowMs)}`;
}

function attemptFacts({ sentAt, startedAt = 0, attempts, handledAt, generation }: Hop): readonly string[] {
  const first = attempts[0]?.from ?? handledAt ?? startedAt;
  const redriven = generation > 0 ? [`redriven: generation ${generation}`] : [];
  const waited = sentAt === undefined ? [] : [`waited ${duration(first - sentAt)}`];
  let last: number | undefined;
  const failed = attempts.map(({ from, at, code, reason }, index) => {
    const after = last === undefined || from === undefined ? '' : ` (${duration(from - last)} later)`;
    const took = from === undefined ? '' : ` failed after ${duration(at - from)}`;
    last = at;
    return `attempt ${index + 1}${after}${took}: ${code}: ${reason}`;
  });
  return [[...redriven, ...waited].join(', '), ...failed].filter(Boolean);
}

function stateFacts(hop: Hop, { nowMs, inboxOf }: HopSurroundings): readonly string[] {
  const { state, attempts, handledAt, endedAt, agent } = hop;
  const paused = waitsInInbox(hop) && isPaused(inboxOf(agent)) ? '; the agent is paused' : '';
  switch (state.kind) {
    case 'ended': {
      if (handledAt !== undefined && endedAt !== undefined) {
        const after = attempts.at(-1);
        const later = after === undefined ? '' : ` (${duration(handledAt - after.at)} later)`;
        return [`handled ${duration(endedAt - handledAt)}${later}, committed`];
      }
      const isKnown = state.error === undefined || attempts.at(-1)?.code === state.error.code;
      return isKnown || state.error === undefined ? [] : [`${state.outcome}: ${state.error.code}: ${state.error.reason}`];
    }
    case 'claimed':
      return [`a process handles it; if that dies, the next may begin in ${duration(state.until - nowMs)}`];
    case 'backoff':
      return [`in backoff for ${duration(state.until - nowMs)}${paused}`];
    case 'due':
      return [`since ${duration(nowMs - state.since)} SQS may deliver it again${paused}`];
    case 'not-received':
      return [];
  }
}

const MAX_NAMED = 8;

function sentFacts({ outbox, outboxProblem }: Hop): readonly string[] {
  if (outboxProblem !== undefined) return [`what it sent is not known: ${outboxProblem}`];
  if (outbox.length === 0) return [];
  const counts = Map.groupBy(outbox, ({ to }) => to ?? 'the replies queue');
  const names = [...counts].map(([to, messages]) => (messages.length === 1 ? to : `${to} (${messages.length})`));
  const more = names.length > MAX_NAMED ? `, and ${names.length - MAX_NAMED} more` : '';
  return [`sent to ${names.slice(0, MAX_NAMED).join(', ')}${more}`];
}

/** The command that helps: it shows a failed message, resumes a paused agent, or shows how the agent is. */
export function hopCommand(hop: Hop, { flags, inboxOf }: HopSurroundings): string | undefined {
  const { state, agent, id } = hop;
  if (waitsInInbox(hop) && isPaused(inboxOf(agent))) return meshCommand(['resume', agent], flags);
  switch (state.kind) {
    case 'ended': {
      if (state.outcome === 'processed') return undefined;
      const queue = state.outcome === 'rejected' ? 'errors' : 'dlq';
      const word = id === undefined ? undefined : copyableWord(id);
      return meshCommand([queue, 'show', agent, ...(word === undefined ? [] : [word])], flags);
    }
    case 'backoff':
    case 'due':
      return meshCommand(['stuck', '--agent', agent, '--older-than', '0s'], flags);
    case 'claimed':
    case 'not-received':
      return meshCommand(['top', '--once'], flags);
  }
}
