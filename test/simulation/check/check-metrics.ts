import type { Report } from './check-history.ts';
import type { Facts } from './facts.ts';

/** After any other fault, a process may have counted less than it has committed. */
const LOSSLESS = new Set<string>([
  'metrics-refused',
  'registry-outage',
  'registry-fails',
  'registry-slow',
  'registry-stale',
  'stale-receipt',
  'duplicate',
]);

/**
 * Metrics count what was committed: never more than that, and everything where nothing went wrong in a process. A process of an older
 * runtime counts, too.
 */
export function checkMetrics(facts: Facts, report: Report): void {
  const counted = new Map<string, number>();
  const countedByProcess = new Map<string, number>();
  for (const { agent, outcome, count, invocation } of facts.counted) {
    add(counted, `${agent} ${outcome}`, count);
    add(countedByProcess, `${facts.invocations.get(invocation)?.process} ${outcome}`, count);
  }
  const committed = new Map<string, number>();
  const committedByProcess = new Map<string, number>();
  for (const { invocation, outcome } of [...facts.commits.values()].flat()) {
    const { agent, process } = facts.invocations.get(invocation) ?? {};
    add(committed, `${agent} ${outcome}`, 1);
    add(committedByProcess, `${process} ${outcome}`, 1);
  }
  for (const [key, count] of counted) {
    if (count > (committed.get(key) ?? 0)) report('metrics count no outcome twice', `${key}: ${count} of ${committed.get(key) ?? 0}`);
  }
  // What was refused is added with the next write, if there is one.
  const lastCounted = new Map<number, number>();
  for (const { invocation } of facts.counted) lastCounted.set(facts.invocations.get(invocation)?.process ?? -1, invocation);
  const lossy = new Set<string>();
  for (const [invocation, { process, disturbances, isTimedOut }] of facts.invocations) {
    const isLeftOver = disturbances.includes('metrics-refused') && (lastCounted.get(process) ?? -1) <= invocation;
    if (isTimedOut || isLeftOver || disturbances.some((by) => !LOSSLESS.has(by))) lossy.add(String(process));
  }
  for (const [key, count] of committedByProcess) {
    const [process = ''] = key.split(' ');
    if (!lossy.has(process) && countedByProcess.get(key) !== count)
      report('metrics count every outcome', `process ${key}: ${countedByProcess.get(key) ?? 0} of ${count}`);
  }
}

const add = (counts: Map<string, number>, key: string, count: number) => void counts.set(key, (counts.get(key) ?? 0) + count);
