import { FIRST_PACE, nextPace, type Pace, withoutReading } from '../../client/producer/governor.ts';
import { DEFAULT_LATENCY_GOAL_SECONDS } from '../../events/latency-goal.ts';
import type { LoadReading } from '../../events/load-reading.ts';
import { spreadLoads } from '../../functions/services/probe/spread-loads.ts';

// A mesh in virtual time, second by second: producers with governors, agents with inboxes, and a probe whose counts are late.

/** An agent of the plant. */
export interface PlantAgent {
  readonly id: string;
  /** Messages that it can handle in that second. */
  readonly capacity: (second: number) => number;
  /** The share of its capacity that it seems to have while it is idle: batches are small then. @default 1 */
  readonly idleEstimate?: number;
  /** The agents that get a message for each one that it has handled. */
  readonly calls?: readonly string[];
  /** Of the messages that it has handled, the share for which these get one. @default 1 */
  readonly share?: number;
  /** @default 30 */
  readonly goalSeconds?: number;
}

/** A producer of the plant. */
export interface PlantProducer {
  readonly to: string;
  /** Messages that it would send in that second. */
  readonly demand: (second: number) => number;
  /** @default 'governed' */
  readonly kind?: 'governed' | 'free';
  /** @default 0 */
  readonly beginsAt?: number;
}

export interface PlantOptions {
  readonly agents: readonly PlantAgent[];
  readonly producers: readonly PlantProducer[];
  readonly seconds: number;
  /** How late SQS's counts are. @default 60 */
  readonly countDelaySeconds?: number;
  /** @default 60 */
  readonly probeSeconds?: number;
  /** How wrong a count is, as a share of it: a number from -1 to 1 for each count. @default never */
  readonly noise?: () => number;
}

/** The plant in one second. */
export interface PlantSecond {
  readonly second: number;
  /** By agent: what waits in its inbox. */
  readonly backlog: ReadonlyMap<string, number>;
  readonly handled: ReadonlyMap<string, number>;
  /** By agent: all that has come to its inbox until now. */
  readonly arrived: ReadonlyMap<string, number>;
  /** What each producer sent. */
  readonly sent: readonly number[];
}

interface Inbox {
  backlog: number;
  arrived: number;
  handled: number;
  /** By second. */
  readonly history: number[];
  reading: LoadReading | undefined;
  handledThen: number;
  countedThen: number;
}

/** Runs the plant. */
export function* runPlant(options: PlantOptions): Generator<PlantSecond, void> {
  const { agents, producers, seconds, countDelaySeconds = 60, probeSeconds = 60, noise = () => 0 } = options;
  const inboxes = new Map(agents.map(({ id }): [string, Inbox] => [id, emptyInbox()]));
  const inboxOf = (id: string): Inbox => inboxes.get(id) ?? emptyInbox();
  const paces: Pace[] = producers.map(() => FIRST_PACE);
  const fractions = producers.map(() => 0);
  for (let second = 0; second < seconds; second++) {
    if (second > 0 && second % probeSeconds === 0) look(agents, inboxOf, { second, countDelaySeconds, probeSeconds, noise });
    const sent = producers.map(({ to, demand, kind = 'governed', beginsAt = 0 }, index) => {
      if (second < beginsAt) return 0;
      const { reading } = inboxOf(to);
      const pace = paces[index] ?? FIRST_PACE;
      if (reading !== undefined && reading !== pace.reading) paces[index] = nextPace(pace, reading);
      else if (second % probeSeconds === 0) paces[index] = withoutReading(pace, 0, second * 1_000);
      const rate = kind === 'free' ? demand(second) : Math.min(demand(second), paces[index]?.ratePerSecond ?? 0);
      // Messages are whole: what is left of one is sent with a later second.
      const whole = Math.floor((fractions[index] ?? 0) + rate);
      fractions[index] = (fractions[index] ?? 0) + rate - whole;
      arrive(inboxOf(to), whole);
      return whole;
    });
    const handled = new Map(agents.map((agent) => [agent.id, handle(agent, inboxOf, second)]));
    for (const inbox of inboxes.values()) inbox.history.push(inbox.backlog);
    const ofEach = (count: 'backlog' | 'arrived') => new Map([...inboxes].map(([id, inbox]) => [id, inbox[count]]));
    yield { second, sent, handled, backlog: ofEach('backlog'), arrived: ofEach('arrived') };
  }
}

function emptyInbox(): Inbox {
  return {
    ...{ backlog: 0, arrived: 0, handled: 0, history: [], reading: undefined },
    ...{ handledThen: 0, countedThen: 0 },
  };
}

function arrive(inbox: Inbox, messages: number): void {
  inbox.backlog += messages;
  inbox.arrived += messages;
}

/** @returns how many messages it has handled, each of which may send others on */
function handle({ id, capacity, calls = [], share = 1 }: PlantAgent, inboxOf: (id: string) => Inbox, second: number): number {
  const inbox = inboxOf(id);
  const handled = Math.min(inbox.backlog, Math.floor(capacity(second)));
  inbox.backlog -= handled;
  inbox.handled += handled;
  for (const target of calls) arrive(inboxOf(target), Math.floor(handled * share));
  return handled;
}

interface Look {
  readonly second: number;
  readonly countDelaySeconds: number;
  readonly probeSeconds: number;
  readonly noise: () => number;
}

/** What the probe publishes: first how each agent is, then what is further down. */
function look(
  agents: readonly PlantAgent[],
  inboxOf: (id: string) => Inbox,
  { second, countDelaySeconds, probeSeconds, noise }: Look,
): void {
  const own = new Map(
    agents.map(({ id, capacity, idleEstimate = 1, goalSeconds = DEFAULT_LATENCY_GOAL_SECONDS }): [string, LoadReading] => {
      const inbox = inboxOf(id);
      const counted = inbox.history[Math.max(0, second - 1 - countDelaySeconds)] ?? 0;
      const backlog = Math.max(0, Math.round(counted * (1 + noise())));
      const drainPerSecond = (inbox.handled - inbox.handledThen) / probeSeconds;
      const busyShare = Math.min(1, drainPerSecond / Math.max(1, capacity(second)));
      const reading = {
        ...{ at: second * 1_000, intervalSeconds: probeSeconds, backlog, drainPerSecond, goalSeconds },
        capacityPerSecond: inbox.handled === 0 ? undefined : capacity(second) * (idleEstimate + (1 - idleEstimate) * busyShare),
        busyShare,
        arrivedPerSecond: Math.max(0, drainPerSecond + (backlog - inbox.countedThen) / probeSeconds),
        isStalled: backlog > 0 && inbox.countedThen > 0 && drainPerSecond === 0,
        downstream: undefined,
      };
      inbox.handledThen = inbox.handled;
      inbox.countedThen = backlog;
      return [id, reading];
    }),
  );
  const callsOf = new Map(agents.map(({ id, calls = [] }) => [id, calls]));
  for (const [id, reading] of spreadLoads(own, (agent) => callsOf.get(agent) ?? [])) inboxOf(id).reading = reading;
}
