import { isStuck } from '../../../client/metrics/measured-load.ts';
import { type MetricsTotals, totalsSince } from '../../../events/metrics-record.ts';
import type { OfferHealth } from '../../../events/offer.ts';
import { type LatestSnapshot, type Snapshot, windowOf } from '../../../events/snapshot.ts';
import { attemptsOf } from './attempts-of.ts';
import { latencyOf } from './latency-of.ts';

/** With fewer attempts since the last look, their errors say nothing. */
const MIN_ATTEMPTS = 5;

/** From this share of failed attempts on, a look is bad. */
const BAD_ERROR_SHARE = 0.5;

/** So many looks in a row have to agree. */
const LOOKS = 2;

/** The shortest time of a first ejection; it is at least two looks long, so that the agent comes back between looks. */
const MIN_EJECTION_MS = 30_000;

/** An ejection is at most so many times as long as the first. */
const MAX_EJECTIONS = 10;

/** What a look found; `undefined` where there was nothing to see: an idle agent is neither good nor bad. */
type Look = { readonly isBad: boolean; readonly reason?: string; readonly isStuck?: boolean } | undefined;

/**
 * Judges how an agent does, from its totals at two looks of the probe. Two bad looks in a row eject it, each time for longer. When that
 * time is over it gets messages again, and the next bad look ejects it at once. An agent whose messages wait while none is received
 * stays ejected for as long as that is so.
 *
 * @param last what the probe saw and judged before
 */
export function judgeHealth({ now, before }: LatestSnapshot, last: LatestSnapshot | undefined): OfferHealth {
  const window = windowOf({ now, before });
  const since = last === undefined ? undefined : totalsSince(now.totals, last.now.totals);
  const ended = since && attemptsOf(since);
  const look = lookAt(now, since);
  const known = last?.health ?? UNKNOWN;
  const inRow = look === undefined ? known.inRow : look.isBad === known.isBad ? known.inRow + 1 : 1;
  const isBad = look?.isBad ?? known.isBad;
  const judged = {
    at: now.at,
    messages: window === undefined ? 0 : attemptsOf(window.totals).attempts,
    p95Ms: window && latencyOf(window.totals, 0.95),
    errorShare: ended === undefined || ended.attempts === 0 ? known.errorShare : ended.failed / ended.attempts,
    inRow,
    isBad,
    reason: look === undefined ? known.reason : look.reason,
  };
  const isEjected = known.ejectedUntil !== undefined && known.ejectedUntil > now.at;
  const ejectionMs = Math.max(MIN_EJECTION_MS, 2 * (now.at - (last?.now.at ?? now.at)));
  if (look?.isBad !== true) {
    const ejections = look === undefined || isEjected ? known.ejections : Math.max(0, known.ejections - 1);
    return { ...judged, ejections, ejectedUntil: isEjected ? known.ejectedUntil : undefined };
  }
  if (isEjected) {
    const until = look.isStuck ? Math.max(known.ejectedUntil ?? 0, now.at + ejectionMs) : known.ejectedUntil;
    return { ...judged, ejections: known.ejections, ejectedUntil: until };
  }
  if (inRow < LOOKS) return { ...judged, ejections: known.ejections };
  const ejections = Math.min(known.ejections + 1, MAX_EJECTIONS);
  return { ...judged, ejections, ejectedUntil: now.at + ejections * ejectionMs };
}

const UNKNOWN: Pick<OfferHealth, 'inRow' | 'isBad' | 'ejections' | 'ejectedUntil' | 'errorShare' | 'reason'> = {
  inRow: 0,
  isBad: false,
  ejections: 0,
};

function lookAt(now: Snapshot, since: MetricsTotals | undefined): Look {
  if (since === undefined) return undefined;
  if (isStuck(now, since))
    return { isBad: true, isStuck: true, reason: now.isPaused ? 'it is paused' : 'messages wait, and none is received' };
  const { attempts, failed } = attemptsOf(since);
  if (attempts === 0) return undefined;
  if (attempts < MIN_ATTEMPTS || failed / attempts < BAD_ERROR_SHARE) return { isBad: false };
  return { isBad: true, reason: `${failed} of ${attempts} attempts failed` };
}
