import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { agentOffers } from '../../../client/agents/agent-offers.ts';
import { offersOf } from '../../../client/discovery/offers-of.ts';
import { latestSnapshots } from '../../../client/metrics/latest-snapshots.ts';
import { agentRegistrations } from '../../../client/registry/agent-registrations.ts';
import type { MeshName } from '../../../events/names.ts';
import type { OperationsPorts } from './operations-ports.ts';

interface Place {
  readonly mesh: MeshName;
  readonly registryTable: string;
  readonly offersTable: string;
  readonly metricsTable: string;
}

/** The service's ports on AWS. They only read. */
export function awsOperations(dynamodb: DynamoDBClient, { mesh, registryTable, offersTable, metricsTable }: Place): OperationsPorts {
  return {
    agents: () => agentRegistrations(dynamodb, registryTable),
    agent: async (id) => (await agentRegistrations(dynamodb, registryTable, id))[0],
    offers: (capability) => offersOf(dynamodb, offersTable, capability),
    offersOf: (agent) => agentOffers(dynamodb, offersTable, agent),
    latest: () => latestSnapshots(dynamodb, metricsTable),
    latestOf: async (id) => (await latestSnapshots(dynamodb, metricsTable, id))[0],
    async *journey(id, source) {
      // Prometheus, which asks most often, needs none of it.
      const { MeshClient } = await import('../../../client/mesh-client.ts');
      const client = new MeshClient(mesh);
      try {
        yield* client.journey(id, { source });
      } finally {
        await client[Symbol.asyncDispose]();
      }
    },
  };
}
