import { isDeepStrictEqual } from 'node:util';
import pMap from 'p-map';
import { type MetricsEntry, metricsShards, totalsOf } from '../../../events/metrics-record.ts';
import type { OfferHealth } from '../../../events/offer.ts';
import { ownTotalsOf } from '../../../events/own-metrics-record.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import { type LatestSnapshot, type Snapshot, WINDOW_MS } from '../../../events/snapshot.ts';
import { judgeHealth } from './judge-health.ts';

/** What the probe reads and writes. */
export interface ProbePorts {
  agents(): Promise<readonly AgentRegistration[]>;
  /** By agent id. */
  latest(): Promise<ReadonlyMap<string, LatestSnapshot>>;
  /** The items of an agent's metrics record, unmarshalled. */
  record(agentId: string, shards: number): Promise<Readonly<Record<MetricsEntry, readonly Readonly<Record<string, unknown>>[]>>>;
  queues(agentId: string): Promise<Snapshot['queues']>;
  /** Whether an agent's event source mapping is switched off; `undefined` where it has none. */
  isPaused(agentId: string): Promise<boolean | undefined>;
  /** An agent's oldest snapshot since then. */
  firstSince(agentId: string, sinceMs: number): Promise<Snapshot | undefined>;
  write(latest: LatestSnapshot): Promise<void>;
  /** Tells the registry how an agent does, in each of its offers that is there. */
  judge(agent: Pick<AgentRegistration, 'id' | 'capabilities'>, health: OfferHealth): Promise<void>;
  /** Removes the latest snapshot of an agent that is no longer in the mesh. */
  forget(agentId: string): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
}

/** Agents that are looked at together. */
const CONCURRENCY = 10;

/** Some agents have no new snapshot. */
export class ProbeError extends AggregateError {
  override readonly name = 'ProbeError';
}

/**
 * Takes a snapshot of each agent. An agent for which that fails keeps no other from having one.
 *
 * @param scheduledSeconds how often it is to run
 * @returns the number of snapshots
 * @throws ProbeError naming each agent without one; and what the ports throw when the agents cannot be read
 */
export async function probe(ports: ProbePorts, scheduledSeconds: number): Promise<number> {
  const [agents, latest] = await Promise.all([ports.agents(), ports.latest()]);
  const ids = new Set(agents.map(({ id }) => id));
  const gone = [...latest.keys()].filter((id) => !ids.has(id));
  const failures: { readonly agent: string; readonly error: unknown }[] = [];
  const attempt = (agent: string, work: () => Promise<void>) => work().catch((error: unknown) => void failures.push({ agent, error }));
  const takeOf = (agent: AgentRegistration) => takeSnapshot(agent, latest.get(agent.id), { ports, scheduledSeconds });
  await pMap(agents, (agent) => attempt(agent.id, () => takeOf(agent)), { concurrency: CONCURRENCY });
  await pMap(gone, (id) => attempt(id, () => ports.forget(id)), { concurrency: CONCURRENCY });
  if (failures.length === 0) return agents.length;
  const sentences = failures.map(({ agent, error }) => `${agent}: ${error instanceof Error ? error.message : String(error)}`);
  throw new ProbeError(
    failures.map(({ error }) => error),
    `${failures.length} agents have no new snapshot: ${sentences.join('; ')}`,
  );
}

async function takeSnapshot(
  agent: AgentRegistration,
  latest: LatestSnapshot | undefined,
  { ports, scheduledSeconds }: { readonly ports: ProbePorts; readonly scheduledSeconds: number },
): Promise<void> {
  const at = ports.now();
  // Processes of a version with more concurrency may have added to more items.
  const shards = Math.max(metricsShards(agent.concurrency), latest?.now.shards ?? 0);
  const [record, queues, isPaused, before] = await Promise.all([
    ports.record(agent.id, shards),
    ports.queues(agent.id),
    ports.isPaused(agent.id),
    ports.firstSince(agent.id, at - WINDOW_MS),
  ]);
  const { id, version, concurrency } = agent;
  const totals = { totals: totalsOf(record.totals), own: ownTotalsOf(record.own, latest?.now.own) };
  const intervalSeconds = intervalOf(at, latest, scheduledSeconds);
  const now = { agent: id, version, at, intervalSeconds, concurrency, shards, ...totals, isPaused, queues };
  // Where the interval is as long as the window, the last snapshot is older than that.
  const seen = { now, before: before ?? latest?.now };
  const health = judgeHealth(seen, latest);
  if (isNews(health, latest?.health)) await ports.judge(agent, health);
  await ports.write({ ...seen, health });
}

/** An idle agent costs no writes. */
function isNews({ at, ...health }: OfferHealth, { at: _, ...known }: Partial<OfferHealth> = {}): boolean {
  return !isDeepStrictEqual(withoutUndefined(health), withoutUndefined(known));
}

const withoutUndefined = (value: object): object => JSON.parse(JSON.stringify(value));

/** That of the schedule, which a missed run does not change; less where the probe runs more often than that, as `posthorn dev` has it. */
function intervalOf(at: number, latest: LatestSnapshot | undefined, scheduledSeconds: number): number {
  const seconds = latest === undefined ? scheduledSeconds : Math.round((at - latest.now.at) / 1_000);
  return Math.max(1, Math.min(scheduledSeconds, seconds));
}
