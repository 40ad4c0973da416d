import pMap from 'p-map';
import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { offersOf } from '../discovery/offers-of.ts';
import { latestSnapshots } from '../metrics/latest-snapshots.ts';
import { inTable } from '../missing-table.ts';
import { type AgentSummary, agentSummary } from './agent-summary.ts';
import { registeredAgents } from './registered-agents.ts';

/** Queries of the table of offers at the same time. */
const CONCURRENCY = 10;

/** The agents of a mesh, in alphabetical order. @throws NoAgentsError, MissingTableError */
export async function listAgents(aws: AwsClients, mesh: MeshName): Promise<readonly AgentSummary[]> {
  const [offersTable, metricsTable] = [offersTableName(mesh), metricsTableName(mesh)];
  const [agents, snapshots] = await Promise.all([
    registeredAgents(aws, mesh),
    inTable(aws, metricsTable, latestSnapshots(aws.dynamodb, metricsTable)),
  ]);
  const capabilities = [...new Set(agents.flatMap((agent) => agent.capabilities))];
  const ask = (capability: string) => inTable(aws, offersTable, offersOf(aws.dynamodb, offersTable, capability));
  const offers = Map.groupBy((await pMap(capabilities, ask, { concurrency: CONCURRENCY })).flat(), ({ agent }) => agent);
  const latest = new Map(snapshots.map((snapshot) => [snapshot.now.agent, snapshot]));
  const nowMs = Date.now();
  return agents.map((registration) =>
    agentSummary({ registration, offers: offers.get(registration.id) ?? [], latest: latest.get(registration.id), nowMs }),
  );
}
