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
  throw unknownAgent(aws, mesh, id, await registeredAgents(aws, mesh));
}

/** The error for an agent that is not among those that there are. */
export function unknownAgent(aws: AwsClients, mesh: MeshName, id: string, agents: readonly RegisteredAgent[]): UnknownAgentError {
  const ids = agents.map((agent) => agent.id);
  return new UnknownAgentError(`stage '${mesh.stage}' has no agent '${id}' at ${aws.where}`, { remedy: suggestAgent(id, ids) });
}
