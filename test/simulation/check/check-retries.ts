import type { WrittenRecord } from '../history.ts';
import type { Report } from './check-history.ts';
import type { Facts } from './facts.ts';

/** Attempts within policy, delays within the backoff, permanent errors not tried again, one at a time where a claim is held. */
export function checkRetries(facts: Facts, report: Report): void {
  checkAttempts(facts, report);
  checkDelays(facts, report);
  checkPermanent(facts, report);
  if (!facts.history.isSkewed) checkClaims(facts, report);
}

/** An attempt that no fault met is recorded, so there are no more of those than the policy allows. */
function checkAttempts(facts: Facts, report: Report): void {
  const undisturbed = new Map<string, number>();
  const interrupted = new Set(facts.ended.flatMap(({ how, handling }) => (how === 'interrupted' ? [handling] : [])));
  for (const { agent, source, id, generation, invocation, handling } of facts.started) {
    if (facts.invocations.get(invocation)?.isUpset === true || interrupted.has(handling)) continue;
    const key = `${agent} ${source} ${id} #${generation}`;
    undisturbed.set(key, (undisturbed.get(key) ?? 0) + 1);
  }
  for (const [key, count] of undisturbed) {
    const allowed = (policyOf(facts, key)?.maxRetries ?? 0) + 1;
    if (count > allowed) report('attempts within policy', `${key} was tried ${count} times, ${allowed} are allowed`);
  }
  for (const { key, record } of facts.written) {
    const maxRetries = policyOf(facts, key)?.maxRetries;
    if (maxRetries === undefined || record.attempts.length === 0) continue;
    const isLast = record.attempts.length > maxRetries;
    if (record.attempts.length > maxRetries + 1 || (isLast && record.outcome === undefined))
      report('attempts within policy', `${key} has ${record.attempts.length} attempts on record and goes on`);
    const isGivenUpEarly = record.outcome === 'dead-lettered' && !isLast && record.error?.code !== 'ReceivesExhausted';
    if (isGivenUpEarly && !wasLastReceive(facts, key, record))
      report('attempts within policy', `${key} was given up after ${record.attempts.length} attempts`);
  }
}

/** After a failed attempt that is tried again, the copy is hidden for 1 s up to the backoff's ceiling, or as long as was asked. */
function checkDelays(facts: Facts, report: Report): void {
  const delays = new Map<string, number[]>();
  for (const { copy, invocation, delaySeconds } of facts.delayed) {
    const key = `${invocation} ${facts.copies.get(copy)?.identity.key}`;
    delays.set(key, [...(delays.get(key) ?? []), delaySeconds]);
  }
  for (const { key, record, invocation } of facts.attempts) {
    const policy = policyOf(facts, key);
    if (policy === undefined || facts.invocations.get(invocation)?.isUpset !== false) continue;
    const [agent, source, id] = key.split(' ');
    const identityKey = `${agent} ${source} ${id} #${record.generation} ${record.digest}`;
    // Written when its invocation was over, in the next one of the process: by then its visibility is the visibility timeout's.
    if (!facts.invocationsOf(identityKey).some((received) => received === facts.invocations.get(invocation))) continue;
    const found = delays.get(`${invocation} ${identityKey}`) ?? [];
    const code = record.attempts.at(-1)?.code;
    const asked = code === 'RateLimited' ? 12 : 0;
    const ceiling = Math.min(policy.maxDelaySeconds, Math.max(asked, policy.baseDelaySeconds * 2 ** (record.attempts.length - 1)));
    const isRight = found.some((delay) => delay >= Math.max(1, Math.min(asked, policy.maxDelaySeconds)) && delay <= ceiling);
    if (!isRight)
      report(
        'backoff is respected',
        `${key} waits ${found.join(', ') || 'no'} s after attempt ${record.attempts.length}, of 1 to ${ceiling}`,
      );
  }
}

function checkPermanent(facts: Facts, report: Report): void {
  const failed = new Map<string, number>();
  for (const { agent, source, id, how, invocation } of facts.ended) {
    if (how !== 'permanent' || facts.invocations.get(invocation)?.isUpset === true) continue;
    const key = `${agent} ${source} ${id}`;
    failed.set(key, (failed.get(key) ?? 0) + 1);
    if ((failed.get(key) ?? 0) > facts.variantsOf(key)) report('permanent errors are not retried', `${key} was tried again`);
  }
}

/** Two processes never handle a message of an exclusive agent at once while the invocation of the first goes on. */
function checkClaims(facts: Facts, report: Report): void {
  const isExclusive = (agent: string) => facts.history.policies[agent]?.isExclusive === true;
  const started = facts.started.filter(({ agent }) => isExclusive(agent));
  const settled = [
    ...facts.ended
      .filter(({ agent }) => isExclusive(agent))
      .map(({ agent, source, id, ...entry }) => ({ ...entry, key: `${agent} ${source} ${id}` })),
    ...facts.written.filter(({ key }) => isExclusive(key.split(' ', 1)[0] ?? '')),
  ];
  const current = new Map<string, (typeof started)[number]>();
  for (const entry of started) {
    const key = `${entry.agent} ${entry.source} ${entry.id}`;
    const before = current.get(key);
    current.set(key, entry);
    if (before === undefined || before.invocation === entry.invocation) continue;
    const isOver = (facts.invocations.get(before.invocation)?.overOrder ?? 0) < entry.order;
    const isSettled = settled.some(
      ({ key: other, invocation, order }) =>
        other === key && invocation === before.invocation && order > before.order && order < entry.order,
    );
    if (!isOver && !isSettled) report('one at a time', `${key} in invocations ${before.invocation} and ${entry.invocation}`);
  }
}

function wasLastReceive(facts: Facts, key: string, { generation, digest }: WrittenRecord): boolean {
  const [agent, source, id] = key.split(' ');
  return facts.invocationsOf(`${agent} ${source} ${id} #${generation} ${digest}`).length >= facts.history.maxReceives;
}

const policyOf = (facts: Facts, key: string) => facts.history.policies[key.split(' ', 1)[0] ?? ''];
