import { isEjected } from '../../../../events/find-offers.ts';
import type { Offer } from '../../../../events/offer.ts';
import {
  ERROR_MARGIN,
  LATENCY_FACTOR,
  LATENCY_MARGIN_MS,
  type Measured,
  MIN_P95_ATTEMPTS,
  MIN_STEP_ATTEMPTS,
  type Rollout,
} from '../../../../events/rollout.ts';

/** What the probe sees of a rollout. */
export interface RolloutLook {
  /** Epoch milliseconds. */
  readonly now: number;
  /** That of the agent which gets the journeys. */
  readonly offer: Offer;
  /** How it did since the step began. */
  readonly newer: Measured;
  /** How the others did together. */
  readonly older: Measured;
}

/**
 * What becomes of a rollout: it is rolled back as soon as its agent does worse than the others, and advances when a step has lasted long
 * enough, with enough attempts, and the agent does no worse. One that is paused is rolled back, too, and does not advance.
 */
export function judgeRollout(rollout: Rollout, { now, offer, newer, older }: RolloutLook): Rollout {
  const { state, step, steps, since, everySeconds } = rollout;
  if (state !== 'running' && state !== 'paused') return rollout;
  if (offer.version !== rollout.version) return { ...rollout, version: offer.version, since: now, seen: undefined };
  const looked = { ...rollout, seen: { at: now, newer, older } };
  const reason = isEjected(offer, now) ? `it is not healthy: ${offer.health?.reason ?? 'it was ejected'}` : worseThan(older, newer);
  if (reason !== undefined) return { ...looked, state: 'rolling-back', reason };
  const isDue = now >= since + everySeconds * 1_000 && newer.attempts >= MIN_STEP_ATTEMPTS && offer.health?.isBad !== true;
  if (state === 'paused' || !isDue) return looked;
  if (step + 1 >= steps.length) return { ...looked, state: 'done' };
  return { ...looked, step: step + 1, since: now, seen: undefined };
}

/** Why the newer one does worse; `undefined` if it does not. */
function worseThan(older: Measured, newer: Measured): string | undefined {
  if (newer.attempts < MIN_STEP_ATTEMPTS) return undefined;
  if (shareOf(newer) > shareOf(older) + ERROR_MARGIN)
    return `${failuresOf(newer)}; of the others ${older.attempts === 0 ? 'nobody handled anything' : failuresOf(older)}`;
  if (older.attempts < MIN_STEP_ATTEMPTS) return undefined;
  const [name, quantile] =
    Math.min(newer.attempts, older.attempts) < MIN_P95_ATTEMPTS ? (['median', 'p50Ms'] as const) : (['p95', 'p95Ms'] as const);
  const [its, theirs] = [newer[quantile], older[quantile]];
  if (its === undefined || theirs === undefined || its <= theirs * LATENCY_FACTOR + LATENCY_MARGIN_MS) return undefined;
  return `its ${name} is ${Math.round(its)} ms; that of the others is ${Math.round(theirs)} ms`;
}

const shareOf = ({ attempts, failed }: Measured): number => (attempts === 0 ? 0 : failed / attempts);

const failuresOf = ({ attempts, failed }: Measured): string => `${failed} of ${attempts} attempts failed`;
