import { idSchema } from '../../events/envelope.ts';
import type { MeshName } from '../../events/names.ts';
import { registryTableName } from '../../events/registry.ts';
import type { AwsClients } from '../aws-clients.ts';
import { UnknownAgentError } from '../errors.ts';
import { inTable } from '../missing-table.ts';
import { noAgents, suggestAgent } from '../queues/agent-queues.ts';
import { agentRegistrations, type RegisteredAgent } from '../registry/agent-registrations.ts';

/** The agents of a mesh, in alphabetical order. @throws NoAgentsError, MissingTableError */
export async function registeredAgents(aws: AwsClients, mesh: MeshName): Promise<readonly RegisteredAgent[]> {
  const table = registryTableName(mesh);
  const agents = await inTable(aws, table, agentRegistrations(aws.dynamodb, table));
  if (agents.length === 0) throw noAgents(aws, mesh);
  return agents;
}

/** An agent of a mesh. @throws UnknownAgentError naming those that there are; NoAgentsError, MissingTableError */
export async function registeredAgent(aws: AwsClients, mesh: MeshName, id: string): Promise<RegisteredAgent> {
  const table = registryTableName(mesh);
  // DynamoDB refuses an empty key, and one of more than a kilobyte.
  const isId = idSchema.safeParse(id).success;
  const [agent] = isId ? await inTable(aws, table, agentRegistrations(aws.dynamodb, table, id)) : [];
  if (agent !== undefined) return agent;
  const ids = (await registeredAgents(aws, mesh)).map((other) => other.id);
  throw new UnknownAgentError(`stage '${mesh.stage}' has no agent '${id}' at ${aws.where}`, {
    remedy: suggestAgent(id, ids),
  });
}
