import { healthOf } from '../../../client/agents/agent-summary.ts';
import { agentLoad } from '../../../client/metrics/agent-load.ts';
import { isEjected, matchingOffers } from '../../../events/find-offers.ts';
import { foundAgent } from '../../../events/found-agent.ts';
import type { Offer } from '../../../events/offer.ts';
import type { AgentRegistration } from '../../../events/registration.ts';
import type { LatestSnapshot } from '../../../events/snapshot.ts';
import type { AgentsQuery } from './agents-query.ts';
import type { OperationsPorts } from './operations-ports.ts';
import { Problem } from './problem.ts';

type Listed = { readonly id: string } & Readonly<Record<string, unknown>>;

/**
 * A page of agents, in alphabetical order, so that a cursor stays right whatever changes between two pages. Those of a capability come from
 * its offers alone: one query, however many agents the mesh has.
 *
 * @param nowMs epoch milliseconds
 * @throws Problem for a version that is no range
 */
export async function agentsPage(ports: OperationsPorts, query: AgentsQuery, nowMs: number): Promise<object> {
  const found =
    query.capability === undefined ? await everyone(ports, query, nowMs) : await offering(ports, query.capability, query, nowMs);
  const left = found.filter(({ id }) => id > query.after);
  const page = left.slice(0, query.limit);
  const next = left.length > query.limit ? page.at(-1)?.id : undefined;
  return { agents: page, ...(next !== undefined && { next }) };
}

async function offering(ports: OperationsPorts, capability: string, query: AgentsQuery, nowMs: number): Promise<readonly Listed[]> {
  return matching(await ports.offers(capability), query, nowMs).map((offer) => {
    const { agent, ...rest } = foundAgent(offer, nowMs);
    return { id: agent, ...rest };
  });
}

async function everyone(ports: OperationsPorts, query: AgentsQuery, nowMs: number): Promise<readonly Listed[]> {
  const [agents, snapshots] = await Promise.all([ports.agents(), ports.latest()]);
  const latestOf = new Map(snapshots.map((latest) => [latest.now.agent, latest]));
  const candidates = agents.map((registration) => {
    const latest = latestOf.get(registration.id);
    return { version: registration.version, health: latest?.health, registration, latest };
  });
  return matching(candidates, query, nowMs).map(({ registration, latest }) => summaryOf(registration, latest, nowMs));
}

function matching<Candidate extends Pick<Offer, 'version' | 'health'>>(
  candidates: readonly Candidate[],
  { version, maxLatencyMs, healthy }: AgentsQuery,
  nowMs: number,
): readonly Candidate[] {
  try {
    return matchingOffers(candidates, { version, maxLatencyMs }).filter(
      (candidate) => healthy === undefined || isEjected(candidate, nowMs) !== healthy,
    );
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Problem('invalid-request', cause.message);
  }
}

/** JSON leaves out what is `undefined`. */
function summaryOf(
  { id, version, concurrency, capabilities }: AgentRegistration,
  latest: LatestSnapshot | undefined,
  nowMs: number,
): Listed {
  const { p95Ms, errorShare } = latest?.health ?? {};
  return {
    ...{ id, version, capabilities, concurrency },
    ...healthOf(latest?.health, nowMs),
    ...{ p95Ms, errorShare },
    ...(latest && { at: new Date(latest.now.at), ...agentLoad(latest) }),
  };
}
