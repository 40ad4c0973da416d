import type { LoadReading } from '../../../events/load-reading.ts';
import type { Entry, KnownOffer } from '../history.ts';
import type { Report } from './check-history.ts';
import type { Facts } from './facts.ts';

/** Batches of an agent at the same time; the checker's own copy of the settings. */
const BATCHES_AT_ONCE = 3;

/** An agent's capacity is that of the last minutes. */
const WINDOW_MS = 300_000;

/** From this pressure on, an agent counts as braking its producers. */
const BRAKING_PRESSURE = 0.25;

/** What the probe saw of an agent at one time, and what it published. */
interface Look {
  readonly at: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly outcomes: number;
  /** Of these, those that were not dead-lettered. */
  readonly handled: number;
  readonly deliveries: number;
  readonly busyMs: number;
  readonly load: LoadReading;
}

/** The probe publishes what it saw, and gives each agent the load of the slowest that it calls, directly or not. */
export function checkLoads({ history }: Facts, report: Report): void {
  const { calls } = history;
  if (calls === undefined) return;
  const totals = new Map<string, { outcomes: number; handled: number; deliveries: number; busyMs: number }>();
  const waiting = new Map<string, Omit<Look, 'at' | 'load'>>();
  const looks = new Map<string, Look[]>();
  let run: Run = { offers: {}, own: new Map(), published: [], kept: new Map() };
  const endRun = () => {
    for (const [agent, all] of looks) {
      const last = all.at(-1);
      if (last !== undefined && !run.own.has(agent)) run.own.set(agent, last.load);
    }
    for (const entry of run.published) checkDownstream(entry, run, calls, report);
    for (const [agent, look] of run.kept) looks.set(agent, [...(looks.get(agent) ?? []), look].slice(-LOOKS_IN_WINDOW));
  };
  for (const entry of history.entries) {
    if (entry.what === 'counted') {
      const { outcomes, handled, deliveries, busyMs } = totals.get(entry.agent) ?? NOTHING;
      const { p = 0, r = 0, d = 0, n = 0, b = 0 } = entry.increments;
      totals.set(entry.agent, {
        ...{ outcomes: outcomes + p + r + d, handled: handled + p + r },
        ...{ deliveries: deliveries + n, busyMs: busyMs + b },
      });
    } else if (entry.what === 'counted waiting') {
      const { visible, inFlight } = entry;
      waiting.set(entry.agent, { visible, inFlight, ...(totals.get(entry.agent) ?? NOTHING) });
    } else if (entry.what === 'probing') {
      endRun();
      run = { offers: entry.offers, own: new Map(), published: [], kept: new Map() };
    } else if (entry.what === 'published') {
      const { agent, load, isLost } = entry;
      const seen = waiting.get(agent);
      if (seen === undefined) continue;
      const look = { ...seen, at: load.at, load };
      checkOwn(agent, look, looks.get(agent) ?? [], report);
      run.own.set(agent, load);
      run.published.push(entry);
      if (!isLost) run.kept.set(agent, look);
    }
  }
  endRun();
}

const NOTHING = { outcomes: 0, handled: 0, deliveries: 0, busyMs: 0 };

/** More than enough for the window. */
const LOOKS_IN_WINDOW = 100;

interface Run {
  readonly offers: Extract<Entry, { what: 'probing' }>['offers'];
  /** By agent: what it published now, or what was known of it. */
  readonly own: Map<string, LoadReading>;
  readonly published: Extract<Entry, { what: 'published' }>[];
  /** What was written. */
  readonly kept: Map<string, Look>;
}

function checkOwn(agent: string, look: Look, before: readonly Look[], report: Report): void {
  const { at, visible, inFlight, load } = look;
  const last = before.at(-1);
  const wrong = (what: string, is: unknown, expected: unknown) =>
    report('loads are what was seen', `${what} of ${agent} at ${at}: ${is}, not ${expected}`);
  const holds = (what: string, is: number | undefined, expected: number | undefined) => {
    if (!isNear(is, expected)) wrong(what, is, expected);
  };
  holds('backlog', load.backlog, visible);
  if (last === undefined) return;
  const seconds = (at - last.at) / 1_000;
  const outcomes = look.outcomes - last.outcomes;
  const since = before.find((each) => each.at >= at - WINDOW_MS) ?? last;
  const handled = look.handled - last.handled;
  // Where messages wait and none was handled, the last minutes say whether one ever is.
  const drain = handled === 0 && visible > 0 ? (look.handled - since.handled) / ((at - since.at) / 1_000) : handled / seconds;
  holds('drain', load.drainPerSecond, drain);
  holds('arrivals', load.arrivedPerSecond, Math.max(0, (outcomes + visible + inFlight - last.visible - last.inFlight) / seconds));
  const isUntouched = inFlight === 0 && look.deliveries === last.deliveries;
  const isStalled = visible > 0 && last.visible > 0 && (isUntouched || drain === 0);
  if (load.isStalled !== isStalled) wrong('stall', load.isStalled, isStalled);
  const [ended, busyMs] = [look.handled - since.handled, look.busyMs - since.busyMs];
  const capacity = ended > 0 && busyMs > 0 ? (ended / busyMs) * 1_000 * BATCHES_AT_ONCE : last.load.capacityPerSecond;
  holds('capacity', load.capacityPerSecond, capacity);
  const isBraking = (pressureOf(load) ?? 0) >= BRAKING_PRESSURE;
  holds('braking', load.brakedSince, isBraking ? (last.load.brakedSince ?? at) : undefined);
}

function checkDownstream(
  { at, agent, load }: Extract<Entry, { what: 'published' }>,
  { offers, own }: Run,
  calls: NonNullable<Facts['history']['calls']>,
  report: Report,
): void {
  const below = new Set<string>();
  const callsOf = (id: string): readonly string[] => {
    const { agents = [], capabilities = [] } = calls[id] ?? {};
    return [...agents, ...capabilities.flatMap((capability) => servingOf(offers[capability] ?? [], at))];
  };
  const visit = (id: string) => {
    for (const next of callsOf(id)) {
      if (next === agent || below.has(next)) continue;
      below.add(next);
      visit(next);
    }
  };
  visit(agent);
  const pressures = [...below].flatMap((id) => pressureOf(own.get(id)) ?? []);
  const slowest = pressures.length === 0 ? undefined : Math.max(...pressures);
  if (!isNear(load.downstream?.pressure, slowest))
    report('pressure comes from below', `${agent} at ${at} has ${load.downstream?.pressure}, not ${slowest}`);
}

/** The agents of a capability that get messages. */
function servingOf(offers: readonly KnownOffer[], at: number): readonly string[] {
  const weighted = offers.some(({ weight }) => weight > 0) ? offers.filter(({ weight }) => weight > 0) : offers;
  const healthy = weighted.filter(({ ejectedUntil = 0 }) => ejectedUntil <= at);
  return (healthy.length > 0 ? healthy : weighted).map(({ agent }) => agent);
}

/** The expected wait divided by the goal. */
function pressureOf(load: LoadReading | undefined): number | undefined {
  if (load === undefined) return undefined;
  const { backlog, drainPerSecond, capacityPerSecond = 0, goalSeconds, isStalled } = load;
  if (isStalled) return 1_000;
  const drain = backlog > 0 ? drainPerSecond : Math.max(capacityPerSecond, drainPerSecond);
  return drain > 0 ? backlog / drain / goalSeconds : undefined;
}

const isNear = (one: number | undefined, other: number | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other)));
