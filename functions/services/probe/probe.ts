import { isDeepStrictEqual } from 'node:util';
import pMap from 'p-map';
import { measuredLoad } from '../../../client/metrics/measured-load.ts';
import type { OperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import type { LoadReading } from '../../../events/load-reading.ts';
import { metricsShards, totalsOf } from '../../../events/metrics-record.ts';
import type { OfferHealth } from '../../../events/offer.ts';
import { ownTotalsOf } from '../../../events/own-metrics-record.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import { type LatestSnapshot, LEFT_MESSAGES_MESSAGE, type Snapshot, WINDOW_MS } from '../../../events/snapshot.ts';
import { continued, logBrakes } from './brakes.ts';
import { callees } from './callees.ts';
import { judgeHealth } from './judge-health.ts';
import type { ProbePorts } from './probe-ports.ts';
import { spreadLoads } from './spread-loads.ts';
import { type Failure, tendOffers } from './tend-offers.ts';

/** Agents that are looked at together. */
const CONCURRENCY = 10;

/** Some agents have no new snapshot, or a rollout could not be looked at. */
export class ProbeError extends AggregateError {
  override readonly name = 'ProbeError';
}

/**
 * Takes a snapshot of each agent and judges it, publishes how busy each is with those that it calls, and moves rollouts on. An agent for
 * which that fails keeps no other from it.
 *
 * @param scheduledSeconds how often it is to run
 * @returns the number of snapshots
 * @throws ProbeError naming each agent without one; and what the ports throw when the agents cannot be read
 */
export async function probe(ports: ProbePorts, scheduledSeconds: number): Promise<number> {
  const [agents, latest] = await Promise.all([ports.agents(), ports.latest()]);
  const ids = new Set(agents.map(({ id }) => id));
  const gone = [...latest].filter(([id]) => !ids.has(id));
  const failures: Failure[] = [];
  const attempt = (about: string, work: () => Promise<void>) => work().catch((error: unknown) => void failures.push({ about, error }));
  const seen = new Map<string, LatestSnapshot>();
  let isPaused: Taking['isPaused'] = () => undefined;
  await attempt('the event source mappings', async () => {
    isPaused = await ports.mappings();
  });
  const see = async (agent: AgentRegistration) =>
    void seen.set(agent.id, await takeSnapshot(agent, latest.get(agent.id), { ports, isPaused, scheduledSeconds }));
  await pMap(agents, (agent) => attempt(agent.id, () => see(agent)), { concurrency: CONCURRENCY });
  let offers: readonly OperatedOffer[] = [];
  await attempt('the offers', async () => {
    offers = await ports.offers();
    const snapshots = new Map([...seen].map(([id, { now }]) => [id, now]));
    failures.push(...(await tendOffers(ports, offers, snapshots)));
  });
  const callsOf = callees(
    agents,
    offers.map(({ offer }) => offer),
    ports.now(),
  );
  const loads = spreadLoads(ownLoads(agents, seen, latest), callsOf);
  const publish = ([id, snapshot]: readonly [string, LatestSnapshot]) => {
    const load = loads.get(id);
    if (load !== undefined) logBrakes(id, load, ports);
    return attempt(id, () => ports.write({ ...snapshot, load }));
  };
  await pMap(seen, publish, { concurrency: CONCURRENCY });
  await pMap(gone, ([id, { now }]) => attempt(id, () => forget(id, now, ports)), { concurrency: CONCURRENCY });
  if (failures.length === 0) return agents.length;
  const sentences = failures.map(({ about, error }) => `${about}: ${error instanceof Error ? error.message : String(error)}`);
  throw new ProbeError(
    failures.map(({ error }) => error),
    `${failures.length} could not be looked at: ${sentences.join('; ')}`,
  );
}

/** Of an agent that could not be looked at now, the last reading: it is not forgotten in those that send to it. */
function ownLoads(
  agents: readonly AgentRegistration[],
  seen: ReadonlyMap<string, LatestSnapshot>,
  latest: ReadonlyMap<string, LatestSnapshot>,
): ReadonlyMap<string, LoadReading> {
  return new Map(
    agents.flatMap(({ id, latencyGoalSeconds }): readonly [string, LoadReading][] => {
      const [now, last] = [seen.get(id), latest.get(id)];
      if (now === undefined) return last?.load === undefined ? [] : [[id, last.load]];
      return [[id, continued(id, measuredLoad(now, last?.now, latencyGoalSeconds), last?.load)]];
    }),
  );
}

/** Its queues may be gone with its stack, or be kept: then nobody receives from them. */
async function forget(agent: string, { queues: { inbox, errors, deadLetters } }: Snapshot, ports: ProbePorts): Promise<void> {
  const held = {
    inbox: inbox.visible + inbox.inFlight + inbox.delayed,
    errors: errors.visible + errors.inFlight,
    deadLetters: deadLetters.visible + deadLetters.inFlight,
  };
  if (Object.values(held).some((count) => count > 0)) ports.logger.warn(LEFT_MESSAGES_MESSAGE, { agent, ...held });
  await ports.forget(agent);
}

interface Taking {
  readonly ports: ProbePorts;
  readonly isPaused: (agentId: string) => boolean | undefined;
  readonly scheduledSeconds: number;
}

async function takeSnapshot(
  agent: AgentRegistration,
  latest: LatestSnapshot | undefined,
  { ports, isPaused, scheduledSeconds }: Taking,
): Promise<LatestSnapshot> {
  const at = ports.now();
  // Processes of a version with more concurrency may have added to more items.
  const shards = Math.max(metricsShards(agent.concurrency), latest?.now.shards ?? 0);
  const [record, queues, before] = await Promise.all([
    ports.record(agent.id, shards),
    ports.queues(agent.id),
    ports.firstSince(agent.id, at - WINDOW_MS),
  ]);
  const { id, version, concurrency } = agent;
  const totals = { totals: totalsOf(record.totals), own: ownTotalsOf(record.own, latest?.now.own) };
  const intervalSeconds = intervalOf(at, latest, scheduledSeconds);
  const now = { agent: id, version, at, intervalSeconds, concurrency, shards, ...totals, isPaused: isPaused(id), queues };
  // Where the interval is as long as the window, the last snapshot is older than that.
  const seen = { now, before: before ?? latest?.now };
  const health = judgeHealth(seen, latest);
  if (isNews(health, latest?.health)) await ports.judge(agent, health);
  return { ...seen, health };
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
