import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { MeshClientError } from '../errors.ts';
import { isDenied } from '../is-denied.ts';
import type { AgentMapping } from '../mapping/agent-mappings.ts';
import { isPausing } from '../mapping/mapping-state.ts';
import { latestSnapshots } from '../metrics/latest-snapshots.ts';
import { inTable } from '../missing-table.ts';
import type { QueueDepth } from '../queues/queue-depth.ts';
import type { QueueKind } from '../queues/queue-kind.ts';
import { type AgentDetails, agentDetails } from './agent-details.ts';
import { agentOffers } from './agent-offers.ts';
import { registeredAgent } from './registered-agents.ts';

/** What shows how an agent is at this moment. */
export interface LiveAgent {
  readonly depth: (kind: QueueKind) => Promise<QueueDepth>;
  readonly mapping: () => Promise<AgentMapping>;
}

/** Everything about an agent. @throws UnknownAgentError, NoAgentsError, MissingTableError */
export async function describeAgent(aws: AwsClients, mesh: MeshName, id: string, live: LiveAgent): Promise<AgentDetails> {
  const registration = await registeredAgent(aws, mesh, id);
  const [offersTable, metricsTable] = [offersTableName(mesh), metricsTableName(mesh)];
  const [offers, [latest], [queues, isPaused]] = await Promise.all([
    inTable(aws, offersTable, agentOffers(aws.dynamodb, offersTable, registration)),
    inTable(aws, metricsTable, latestSnapshots(aws.dynamodb, metricsTable, id)),
    Promise.all([ifReadable(queuesOf(live)), ifReadable(live.mapping().then(({ state }) => isPausing(state)))]),
  ]);
  const details = agentDetails({ registration, offers, latest, nowMs: Date.now() });
  // A snapshot knows it after a minute.
  return { ...details, queues: queues ?? details.queues, isPaused: isPaused ?? details.isPaused };
}

async function queuesOf({ depth }: LiveAgent): Promise<AgentDetails['queues']> {
  const [inbox, errors, deadLetters] = await Promise.all([depth('inbox'), depth('error'), depth('dead-letter')]);
  return { inbox, errors, deadLetters };
}

/** @returns `undefined` where the agent has no such thing, or this client may not see it: the latest snapshot tells it then */
async function ifReadable<Value>(value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof MeshClientError || isDenied(error)) return undefined;
    throw error;
  }
}
