import { AGENT_IDS, type AgentId, POLICIES, TIMEOUT_SECONDS } from './agents.ts';
import { Clients } from './clients.ts';
import { EventSource } from './event-source.ts';
import { type FaultKind, Faults } from './faults.ts';
import { Forgers } from './forgers.ts';
import type { Entry, History, IssuerPolicy } from './history.ts';
import type { BackpressureModules } from './load-backpressure.ts';
import { Operator } from './operator.ts';
import { Producer } from './producer.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { arnOf, SENDER_POLICIES } from './senders.ts';
import { ISSUER, MESH_PREFIX, SECRET, SimulatedIssuer } from './simulated-issuer.ts';
import { SimulatedOffers } from './simulated-offers.ts';
import type { Services } from './simulated-ports.ts';
import { SimulatedProbe } from './simulated-probe.ts';
import { type BatchHandler, SimulatedProcess } from './simulated-process.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { SimulatedRegistry } from './simulated-registry.ts';
import { SimulatedTable } from './simulated-table.ts';
import type { Surroundings } from './surroundings.ts';
import { VirtualGlobals } from './virtual-globals.ts';
import { MAX_SKEW_MS, type World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Different messages, those that agents send included: the producers stop when there are so many. */
  readonly messages: number;
  /** Kinds of faults to leave out. */
  readonly without?: ReadonlySet<FaultKind>;
  /** Put back at the end what SQS moved away by itself. @default true */
  readonly redrivesAtEnd?: boolean;
  /** Processes of a version without authentication run, too: the stack sees to it. @default false */
  readonly isSideBySide?: boolean;
  /** Every message needs a token of its sender. @default false */
  readonly needsTokens?: boolean;
  /** Agents also send to capabilities. @default false */
  readonly hasDiscovery?: boolean;
}

export interface SimulationResult {
  readonly history: History;
  readonly faults: Faults['counts'];
  readonly messages: number;
  readonly deliveries: number;
}

/** What runs an agent in a process: the mesh's runtime, or what one would use instead. */
export type RunAgent = (agent: AgentId, surroundings: Surroundings, services: Services) => BatchHandler;

/** What is simulated. */
export interface Stack {
  readonly runAgent: RunAgent;
  /** Where clients send by the real producer. */
  readonly backpressure?: BackpressureModules | undefined;
}

export const MAX_RECEIVES = 10;
/** SQS's advice for Lambda: six times the function's timeout. */
const VISIBILITY_MS = 6 * TIMEOUT_SECONDS * 1_000;

const ISSUER_POLICY: IssuerPolicy = {
  issuer: ISSUER.issuer,
  secret: SECRET,
  keyIds: /^key-\d+$/,
  maxAgeSeconds: 3_600,
  audiencePrefix: MESH_PREFIX,
  toleranceMs: 30_000,
  subjectOf: arnOf,
};

/** Runs one seed to its end: nothing is on its way any more, and what SQS moved away by itself was put back. */
export async function simulate(stack: Stack, options: SimulationOptions): Promise<SimulationResult> {
  const { seed, messages, without = new Set(), redrivesAtEnd = true } = options;
  const { isSideBySide = false, needsTokens = false, hasDiscovery = false } = options;
  const entries: Entry[] = [];
  const sent = new Set<string>();
  let deliveries = 0;
  const scheduler = new Scheduler();
  const world: World = {
    scheduler,
    faults: new Faults(seed, without),
    timing: new Random(seed, 'timing'),
    choices: new Random(seed, 'choices'),
    note(entry) {
      entries.push({ at: scheduler.now, ...entry });
      if (entry.what === 'received') deliveries++;
      if (entry.what === 'counted') probe?.learn(entry);
      if (entry.what !== 'sent' || !entry.queue.endsWith('inbox')) return;
      sent.add(entry.body);
      if (entry.by === 'agent' || entry.by === 'operator') forgers.learn(entry.queue, entry.body);
    },
  };
  let probe: SimulatedProbe | undefined;
  const queues = new Map<string, SimulatedQueue>();
  const issuer = needsTokens ? new SimulatedIssuer(world) : undefined;
  const forgers = new Forgers(world, queues, issuer);
  const registry = new SimulatedRegistry(world, AGENT_IDS, issuer ? [ISSUER] : []);
  const areMetricsGone = world.faults.happens('metrics-gone');
  const offers = hasDiscovery ? new SimulatedOffers(world) : undefined;
  const services: Services = { table: new SimulatedTable(), registry, issuer, offers, objects: new Map(), queues, areMetricsGone };
  const backpressure = stack.backpressure && startBackpressure(world, services, stack.backpressure, seed);
  probe = backpressure?.probe;
  const producer = new Producer(world, services, forgers, backpressure?.clients);
  const operator = new Operator(world, services);
  const sources = new Map<AgentId, EventSource>();
  const count = counter();
  const nextHandling = counter();

  queues.set('replies', new SimulatedQueue('replies', world, { nextNumber: count }));
  for (const id of AGENT_IDS) {
    const inbox = new SimulatedQueue(`${id} inbox`, world, {
      visibilityMs: VISIBILITY_MS,
      onReady: () => sources.get(id)?.poll(),
      nextNumber: count,
    });
    const errors = new SimulatedQueue(`${id} errors`, world, { nextNumber: count });
    const deadLetters = new SimulatedQueue(`${id} dlq`, world, { nextNumber: count });
    for (const queue of [inbox, errors, deadLetters]) queues.set(queue.name, queue);
    sources.set(
      id,
      new EventSource(world, {
        agent: id,
        inbox,
        deadLetters,
        maxReceives: MAX_RECEIVES,
        batchSize: 10,
        concurrency: 3,
        timeoutMs: TIMEOUT_SECONDS * 1_000,
        nextInvocation: count,
        start(version) {
          const isSkewed = world.faults.happens('clock-skew');
          const skewMs = isSkewed ? world.timing.integer(-MAX_SKEW_MS, MAX_SKEW_MS) : 0;
          const process = new SimulatedProcess(world, { number: count(), version, skewMs });
          const handler = stack.runAgent(id, { world, process, compose: producer.compose, nextHandling, hasDiscovery }, services);
          return { process, handler };
        },
      }),
    );
  }

  producer.start(() => sent.size >= messages);
  operator.start();
  for (const source of sources.values()) {
    if (world.faults.happens('deploy')) scheduler.after(world.timing.integer(10_000, 300_000), () => source.deploy(2));
  }
  probe?.start();
  for (const source of backpressure === undefined ? [] : sources.values())
    for (let stop = 0; stop < 3; stop++) if (world.faults.happens('consumer-stops')) source.stopLater();
  await scheduler.run();
  backpressure?.globals.restore();
  world.faults.end();
  for (let round = 0; redrivesAtEnd && round < 5 && operator.redriveMoved() > 0; round++) await scheduler.run();

  const left = AGENT_IDS.flatMap((id) => queues.get(`${id} inbox`)?.left ?? []);
  const isSkewed = world.faults.isPossible('clock-skew');
  return {
    history: {
      entries,
      policies: POLICIES,
      senders: SENDER_POLICIES,
      issuer: issuer && ISSUER_POLICY,
      calls: probe?.calls,
      maxReceives: MAX_RECEIVES,
      timeoutMs: TIMEOUT_SECONDS * 1_000,
      left,
      isSkewed,
      isSideBySide,
    },
    faults: world.faults.counts,
    messages: sent.size,
    deliveries,
  };
}

function startBackpressure(world: World, services: Services, modules: BackpressureModules, seed: number) {
  const globals = new VirtualGlobals(world.scheduler, new Random(seed, 'globals'));
  const probe = new SimulatedProbe(world, services, modules.probe);
  return { globals, probe, clients: new Clients(world, services, { probe, globals, create: modules.createProducer }) };
}

function counter(): () => number {
  let last = 0;
  return () => ++last;
}
