import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { NoCardError } from '../errors.ts';
import { type AgentCard, agentCard } from './agent-card.ts';
import { registeredAgent } from './registered-agents.ts';

/** The card of an agent. @throws UnknownAgentError, NoAgentsError, NoCardError, MissingTableError */
export async function readCard(aws: AwsClients, mesh: MeshName, id: string): Promise<AgentCard> {
  const card = agentCard(await registeredAgent(aws, mesh, id));
  if (card !== undefined) return card;
  throw new NoCardError(`agent '${id}' has no card: its stack was deployed before there were cards, or its card had no room`, {
    remedy: 'Deploy its stack with this version, and shorten its descriptions if the synthesis warns of its card.',
  });
}
