import { parseOperatedOffer } from '../../client/rollouts/operated-offer.ts';
import { type AgentRegistration, agentRegistrationSchema } from '../../events/registration.ts';
import type { LatestSnapshot, Snapshot } from '../../events/snapshot.ts';
import type { probe } from '../../functions/services/probe/probe.ts';
import type { ProbePorts } from '../../functions/services/probe/probe-ports.ts';
import { AGENT_IDS, AGENTS, type AgentId, OFFERS } from './agents.ts';
import type { CallPolicy, Entry } from './history.ts';
import type { Services } from './simulated-ports.ts';
import type { World } from './world.ts';

/** More often than in a mesh: a seed has minutes, and producers are to see many readings. */
export const PROBE_SECONDS = 15;

export const GOAL_SECONDS = 30;
export const BATCHES_AT_ONCE = 3;

/** What was published, from the first to the latest. */
type Published = Map<string, LatestSnapshot[]>;

const silent = () => undefined;

/** The real probe on simulated ports, again and again: some runs are missed, and some agents cannot be looked at, or not published. */
export class SimulatedProbe {
  readonly #world: World;
  readonly #services: Services;
  readonly #run: typeof probe;
  readonly #agents: readonly AgentRegistration[];
  readonly #totals = new Map<string, Record<string, number>>();
  readonly #published: Published = new Map();
  #outages = 0;
  #isOver = false;

  /** @param run the probe */
  constructor(world: World, services: Services, run: typeof probe) {
    this.#world = world;
    this.#services = services;
    this.#run = run;
    for (let outage = 0; outage < 3; outage++) if (world.faults.happens('probe-outage')) this.#planOutage();
    this.#agents = AGENT_IDS.map((id) => registrationOf(id, callsOf(id, services)));
  }

  /** What agents have added to their metrics records. */
  learn(entry: Omit<Extract<Entry, { what: 'counted' }>, 'at'>): void {
    const totals = this.#totals.get(entry.agent) ?? {};
    this.#totals.set(entry.agent, totals);
    for (const [attribute, count] of Object.entries(entry.increments)) totals[attribute] = (totals[attribute] ?? 0) + count;
  }

  /** The latest snapshot of an agent. @param isStale whether it may be an earlier one */
  published(agent: AgentId, isStale: boolean): LatestSnapshot | undefined {
    const all = this.#published.get(agent) ?? [];
    return isStale ? all[this.#world.timing.integer(0, all.length - 1)] : all.at(-1);
  }

  /** The agents to which each sends, as the registry has it. */
  get calls(): Readonly<Record<string, CallPolicy>> {
    return Object.fromEntries(AGENT_IDS.map((id) => [id, callsOf(id, this.#services)]));
  }

  start(): void {
    const { scheduler, faults } = this.#world;
    if (this.#isOver) return;
    if (!faults.happens('probe-missed') && this.#outages === 0) void this.#look();
    scheduler.after(PROBE_SECONDS * 1_000, () => this.start());
  }

  end(): void {
    this.#isOver = true;
  }

  /** For so long that nobody believes its last readings. */
  #planOutage(): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.integer(15_000, 120_000), () => {
      this.#outages++;
      scheduler.after(timing.integer(60_000, 1_200_000), () => this.#outages--);
    });
  }

  async #look(): Promise<void> {
    const { note } = this.#world;
    const { offers } = this.#services;
    const capabilities = offers === undefined ? [] : Object.keys(OFFERS);
    note({ what: 'probing', offers: Object.fromEntries(capabilities.map((each) => [each, offers?.read(each, false).offers ?? []])) });
    // Which agents could not be looked at is logged in a mesh; the others were.
    await this.#run(this.#ports(), PROBE_SECONDS).catch((error: unknown) => {
      if (!(error instanceof AggregateError)) throw error;
    });
  }

  #ports(): ProbePorts {
    const { scheduler, faults, note } = this.#world;
    const { offers, queues } = this.#services;
    const fail = () => {
      if (faults.happens('probe-fails')) throw new Error('probe-fails');
    };
    const empty = { visible: 0, inFlight: 0 };
    return {
      agents: async () => this.#agents,
      latest: async () => new Map([...this.#published].flatMap(([id, all]) => all.slice(-1).map((latest) => [id, latest] as const))),
      record: async (agent) => ({ totals: [this.#totals.get(agent) ?? {}], own: [] }),
      async queues(agent) {
        fail();
        const depth = queues.get(`${agent} inbox`)?.depth ?? empty;
        note({ what: 'counted waiting', agent, ...depth });
        return { inbox: { ...depth, delayed: 0 }, errors: { ...empty, delayed: 0 }, deadLetters: { ...empty, delayed: 0 } };
      },
      async mappings() {
        fail();
        return () => false;
      },
      firstSince: async (agent, since) => this.#published.get(agent)?.find(({ now }) => now.at >= since)?.now,
      write: async (latest) => this.#write(latest),
      judge: async () => undefined,
      offers: async () =>
        offers === undefined
          ? []
          : Object.keys(OFFERS).flatMap((each) => offers.read(each, false).items.flatMap((item) => parseOperatedOffer(Object(item)) ?? [])),
      setWeight: async () => true,
      writeRollout: async () => true,
      forget: async () => undefined,
      now: () => scheduler.now,
      logger: { info: silent, warn: silent },
    };
  }

  #write(latest: LatestSnapshot): void {
    const { agent }: Snapshot = latest.now;
    const { note } = this.#world;
    const isLost = this.#world.faults.happens('probe-fails');
    if (latest.load !== undefined) note({ what: 'published', agent, load: latest.load, isLost });
    if (isLost) throw new Error('probe-fails');
    const all = this.#published.get(agent) ?? [];
    this.#published.set(agent, all);
    // As the table has it: what is undefined is not there.
    all.push(JSON.parse(JSON.stringify(latest)));
  }
}

/** With discovery, the agents of a capability are those that its callers name, too: here they are told by the capability alone. */
function callsOf(id: AgentId, { offers }: Services): CallPolicy {
  const capabilities = offers === undefined ? [] : AGENTS[id].calls;
  return { agents: capabilities.length > 0 ? [] : AGENTS[id].sendsTo, capabilities };
}

function registrationOf(id: AgentId, { agents, capabilities }: CallPolicy): AgentRegistration {
  return agentRegistrationSchema.parse({
    id,
    version: '1.0.0',
    capabilities: [id],
    roleId: `AROA${id.toUpperCase()}`,
    roleArn: `arn:aws:iam::000000000000:role/${id}`,
    queue: `${id} inbox`,
    calls: agents,
    callsCapabilities: capabilities,
    concurrency: BATCHES_AT_ONCE,
    latencyGoalSeconds: GOAL_SECONDS,
    authentication: 'iam',
    actions: {},
  });
}
