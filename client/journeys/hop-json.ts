import type { Hop } from './hop.ts';

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());

/** A hop as machine output: its times in ISO 8601. */
export function hopJson(hop: Hop) {
  const { messageKey, agent, id, source, generation, state, attempts, usage, outbox, outboxProblem, error } = hop;
  return {
    ...{ messageKey, agent, id: id ?? null, source: source ?? null, correlationId: hop.correlationId ?? null, generation },
    state: state.kind === 'ended' ? state.outcome : state.kind,
    until: 'until' in state ? iso(state.until) : null,
    since: 'since' in state ? iso(state.since) : null,
    error: error ?? null,
    sentAt: iso(hop.sentAt),
    receivedAt: iso(hop.receivedAt),
    startedAt: iso(hop.startedAt),
    handledAt: iso(hop.handledAt),
    endedAt: iso(hop.endedAt),
    attempts: attempts.map(({ at, from, usage: wasted = [], ...why }) => ({ from: iso(from), at: iso(at), ...why, usage: wasted })),
    usage,
    outbox: outbox.map(({ to, id: sentId, type }) => ({ to: to ?? null, id: sentId, type })),
    outboxProblem: outboxProblem ?? null,
  };
}
