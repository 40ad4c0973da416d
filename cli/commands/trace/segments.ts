import type { Hop } from '../../../client/index.ts';

/** A part of a hop's time. */
export interface Segment {
  /** `waited` in the inbox, an attempt that `failed`, `backoff` after it, `handled` by the attempt that was committed or that goes on now. */
  readonly kind: 'waited' | 'failed' | 'backoff' | 'handled';
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** The parts of a hop's time, in their order and without gaps. Clocks differ: no part ends before it begins. */
export function segmentsOf(hop: Hop, nowMs: number): readonly Segment[] {
  const { state, attempts } = hop;
  const segments: Segment[] = [];
  let at = beginOf(hop, nowMs);
  const until = (kind: Segment['kind'], to: number) => {
    if (to > at) segments.push({ kind, from: at, to });
    at = Math.max(at, to);
  };
  if (state.kind === 'not-received') {
    until('waited', nowMs);
    return segments;
  }
  until('waited', attempts[0]?.from ?? hop.startedAt ?? at);
  for (const { from, at: failedAt } of attempts) {
    if (from !== undefined) until('backoff', from);
    until('failed', failedAt);
  }
  if (hop.handledAt !== undefined) until(attempts.length > 0 ? 'backoff' : 'waited', hop.handledAt);
  if (state.kind === 'ended') until('handled', state.at);
  else if (state.kind === 'claimed') until('handled', nowMs);
  else until(attempts.length > 0 ? 'backoff' : 'waited', nowMs);
  return segments;
}

/** When a hop began to wait: as SQS accepted it, or as it was committed. */
export function beginOf({ sentAt, startedAt, state }: Hop, nowMs: number): number {
  if (state.kind === 'not-received') return Math.min(state.since, nowMs);
  return Math.min(sentAt ?? Infinity, startedAt ?? Infinity, nowMs);
}

/** When a hop ended, or now. */
export const endOf = ({ state }: Hop, nowMs: number): number => (state.kind === 'ended' ? state.at : nowMs);
