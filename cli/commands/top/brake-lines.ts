import { styleText } from 'node:util';
import type { AgentMetrics, LoadReading } from '../../../client/index.ts';
import { age } from '../../age.ts';
import { clipped } from '../../clipped.ts';
import { printableLine } from '../../printable.ts';
import { isStale } from './is-stale.ts';

/** A small terminal has room for the table, too. */
const MAX_LINES = 3;

/** Which agents hold their producers back, those that have done it longest first. @param nowMs epoch milliseconds */
export function brakeLines(metrics: readonly AgentMetrics[], width: number, nowMs: number): readonly string[] {
  const braking = metrics
    .filter((agent) => agent.reading?.brakedSince !== undefined && !isStale(agent, nowMs))
    .toSorted((one, other) => (one.reading?.brakedSince ?? 0) - (other.reading?.brakedSince ?? 0));
  const lines = braking.slice(0, MAX_LINES).map(({ agent, reading, expectedWaitSeconds }) => {
    const rest = ` holds producers back ${becauseOf(reading, expectedWaitSeconds, nowMs)}`;
    return `${clipped(printableLine(agent), width - rest.length)}${rest}`;
  });
  const left = braking.length - lines.length;
  return [...lines, ...(left > 0 ? [`and ${left} more: posthorn top --json has them`] : [])].map((line) => styleText('yellow', line));
}

function becauseOf(reading: LoadReading | undefined, expectedWaitSeconds: number | undefined, nowMs: number): string {
  if (reading === undefined) return '';
  const since = `for ${age(nowMs - (reading.brakedSince ?? nowMs))}`;
  if (reading.isStalled) return `${since}: none is received`;
  const wait = expectedWaitSeconds === undefined ? '' : `wait ${age(expectedWaitSeconds * 1_000)}, `;
  return `${since}: ${wait}goal ${age(reading.goalSeconds * 1_000)}`;
}
