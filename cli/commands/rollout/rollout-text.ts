import type { FoundAgent, Measured, Rollout } from '../../../client/index.ts';
import { ERROR_MARGIN, isUnderWay, LATENCY_FACTOR, LATENCY_MARGIN_MS, MIN_STEP_ATTEMPTS, shareOf } from '../../../events/rollout.ts';
import { duration } from '../../duration.ts';
import { plainTable } from '../../plain-table.ts';
import { printableLine } from '../../printable.ts';
import { weightsTable } from './weights-table.ts';

/** A capability's rollout and its agents, for people. @param now epoch milliseconds */
export function rolloutText(rollout: Rollout | undefined, agents: readonly FoundAgent[], now: number): string {
  const parts = [...(rollout === undefined ? [] : [rolloutLine(rollout, now)]), weightsTable(agents)];
  if (rollout?.seen !== undefined) parts.push(seenTable(rollout.to, rollout.seen));
  if (rollout !== undefined && isUnderWay(rollout)) parts.push(RULE);
  return parts.join('\n\n');
}

const RULE = [
  `It advances with ${MIN_STEP_ATTEMPTS} attempts or more in a step. It is rolled back if ${ERROR_MARGIN * 100}% more of them fail than at the`,
  `others, or if the p95 is more than ${LATENCY_FACTOR} times theirs plus ${LATENCY_MARGIN_MS} ms.`,
].join('\n');

/** Where a rollout is, in a line. */
export function rolloutLine(rollout: Rollout, now: number): string {
  const { to, state, step, steps, since, everySeconds, reason, seen } = rollout;
  const share = `${shareOf(rollout)}% to ${printableLine(to)}`;
  const ended = `the last rollout, ${duration(now - (seen?.at ?? since))} ago`;
  if (state === 'done') return `${ended}: done, ${share}`;
  if (state === 'rolled-back' || state === 'rolling-back')
    return `${ended}: rolled back from ${share}: ${printableLine(reason ?? 'no reason is known')}`;
  const where = `step ${step + 1} of ${steps.length} (${steps.join(', ')}), since ${duration(now - since)}`;
  return `${state}: ${share}, ${where}, for ${asGiven(everySeconds)} at least`;
}

/** As the option takes it: `5m`. */
function asGiven(seconds: number): string {
  const [size = 1, unit] = UNITS.find(([each]) => seconds % each === 0) ?? [];
  return `${seconds / size}${unit}`;
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
] as const;

function seenTable(to: string, { newer, older }: NonNullable<Rollout['seen']>): string {
  const rowOf = (who: string, { attempts, failed, p95Ms }: Measured) => [
    who,
    attempts.toLocaleString('en'),
    attempts === 0 ? '-' : `${((failed / attempts) * 100).toFixed(1)}%`,
    p95Ms === undefined ? '-' : duration(p95Ms),
  ];
  return plainTable([rowOf(printableLine(to), newer), rowOf('the others', older)], 3, {
    head: ['IN THIS STEP', 'ATTEMPTS', 'FAILED', 'P95'],
    colAligns: ['left', 'right', 'right', 'right'],
  });
}
