import type { Report } from './check-history.ts';
import type { Facts, InvocationFacts } from './facts.ts';
import { isUnopenedKey } from './keys.ts';

/** After any other fault, an invocation may have counted less than happened in it. */
const LOSSLESS = new Set<string>([
  'metrics-refused',
  'registry-outage',
  'registry-fails',
  'registry-slow',
  'registry-stale',
  'offers-outage',
  'offers-fails',
  'offers-slow',
  'offers-stale',
  'unfound',
  'stale-receipt',
  'duplicate',
]);

/** A delivery that waits for so long that its invocation ends first counts when it ends, if it ever does. */
const UNENDED_BY = ['registry-slow', 'offers-slow'];

/** What the totals count; the checker's own copy of their attributes. */
const COUNTERS = { processed: 'p', rejected: 'r', 'dead-lettered': 'd', deliveries: 'n', retries: 't', sent: 's' };
const HISTOGRAMS = { wait: 'w', handle: 'h', critical: 'y' };

/** One of these for each delivery. */
const ENDS = ['p', 'r', 'd', 't', 'k', 'u'];

/**
 * Metrics count what happened: never more than that, and everything in invocations in which nothing went wrong. A process of an older
 * runtime counts, too.
 */
export function checkMetrics(facts: Facts, report: Report): void {
  const counted = new Tally(facts);
  for (const { invocation, agent, increments } of facts.counted) {
    for (const [quantity, count] of quantitiesOf(increments)) counted.add(quantity, { invocation, agent, count });
    const ends = ENDS.reduce((sum, attribute) => sum + (increments[attribute] ?? 0), 0);
    if (ends !== (increments.n ?? 0)) report('each delivery ends once', `invocation ${invocation} counts ${ends} ends of ${increments.n}`);
  }
  const happened = new Tally(facts);
  const certain = new Tally(facts);
  const lossy = lossyInvocations(facts);
  for (const { quantity, invocation, count, order = 0 } of whatHappened(facts)) {
    happened.add(quantity, { invocation, count });
    const { disturbances = [], overOrder = 0 } = facts.invocations.get(invocation) ?? {};
    const isSlow = disturbances.some((by) => UNENDED_BY.includes(by));
    const mayNotEnd = isSlow && (['deliveries', 'wait'].includes(quantity) || order > overOrder);
    if (!lossy.has(invocation) && !mayNotEnd) certain.add(quantity, { invocation, count });
  }
  for (const scope of ['byAgent', 'byProcess'] as const) {
    for (const [key, count] of counted[scope]) {
      const most = happened[scope].get(key) ?? 0;
      if (count > most) report('metrics count nothing twice', `${scope} ${key}: ${count} of ${most}`);
    }
  }
  for (const [key, least] of certain.byProcess) {
    const count = counted.byProcess.get(key) ?? 0;
    if (count < least) report('metrics count everything', `process ${key}: ${count} of ${least}`);
  }
}

/** How often each quantity occurred, by agent and by process. */
class Tally {
  readonly byAgent = new Map<string, number>();
  readonly byProcess = new Map<string, number>();
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** @param of.agent @default that of the invocation */
  add(quantity: string, of: { readonly invocation: number; readonly agent?: string; readonly count: number }): void {
    const { agent, process } = this.#facts.invocations.get(of.invocation) ?? {};
    const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + of.count);
    add(this.byAgent, `${of.agent ?? agent} ${quantity}`);
    if (process !== undefined) add(this.byProcess, `${process} ${quantity}`);
  }
}

interface Occurrence {
  readonly quantity: string;
  readonly invocation: number;
  readonly count: number;
  /** Its place in the history. */
  readonly order?: number;
}

function* whatHappened(facts: Facts): Iterable<Occurrence> {
  for (const { invocation, outcome, outbox, base, order } of [...facts.commits.values()].flat()) {
    yield { quantity: outcome, invocation, count: 1, order };
    yield { quantity: 'sent', invocation, count: outbox.length, order };
    if (!isUnopenedKey(base)) yield { quantity: 'critical', invocation, count: 1, order };
  }
  for (const { invocation, receives } of facts.received) {
    yield { quantity: 'deliveries', invocation, count: 1 };
    if (receives === 1) yield { quantity: 'wait', invocation, count: 1 };
  }
  for (const { invocation } of facts.started) yield { quantity: 'handle', invocation, count: 1 };
  for (const { invocation } of facts.attempts) yield { quantity: 'retries', invocation, count: 1 };
}

function* quantitiesOf(increments: Readonly<Record<string, number>>): Iterable<readonly [string, number]> {
  for (const [quantity, attribute] of Object.entries(COUNTERS)) yield [quantity, increments[attribute] ?? 0];
  for (const [quantity, letter] of Object.entries(HISTOGRAMS)) {
    const buckets = Object.entries(increments).filter(([attribute]) => attribute.length === 2 && attribute.startsWith(letter));
    yield [quantity, buckets.reduce((sum, [, count]) => sum + count, 0)];
  }
}

function lossyInvocations(facts: Facts): ReadonlySet<number> {
  const byProcess = new Map<number, (readonly [number, InvocationFacts])[]>();
  for (const entry of facts.invocations) byProcess.set(entry[1].process, [...(byProcess.get(entry[1].process) ?? []), entry]);
  const lossy = new Set<number>();
  for (const invocations of byProcess.values()) {
    // What a process goes on with after its time is written with a later invocation, if there is one.
    const timedOut = invocations.findIndex(([, { isTimedOut }]) => isTimedOut);
    // What was refused is added with the next write, if there is one.
    let isNextLossy = true;
    for (const [index, [number, { disturbances }]] of [...invocations.entries()].reverse()) {
      const isAfterTime = timedOut !== -1 && index >= timedOut;
      const isLeftOver: boolean = disturbances.includes('metrics-refused') && isNextLossy;
      isNextLossy = isAfterTime || isLeftOver || disturbances.some((by) => !LOSSLESS.has(by));
      if (isNextLossy) lossy.add(number);
    }
  }
  return lossy;
}
