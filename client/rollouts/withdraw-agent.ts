import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { registeredAgents, unknownAgent } from '../agents/registered-agents.ts';
import type { AwsClients } from '../aws-clients.ts';
import { RolloutError } from '../errors.ts';
import type { Withdrawn } from './drain-agent.ts';
import { offeringAgents } from './offering-agents.ts';
import { refuseSecond } from './refuse-second.ts';
import { type NewWeights, setWeights } from './set-weights.ts';
import { shiftedWeights } from './shifted-weights.ts';

/**
 * Gives an agent the weight 0 for each of its capabilities. It checks all of them first, so that an agent which cannot be replaced in one
 * keeps its weights in all.
 *
 * @throws UnknownAgentError, NoAgentsError; RolloutError for a capability that no other agent serves, or whose rollout is under way; MissingTableError
 */
export async function withdrawAgent(aws: AwsClients, mesh: MeshName, agent: string): Promise<Withdrawn> {
  const agents = await registeredAgents(aws, mesh);
  const registration = agents.find(({ id }) => id === agent);
  if (registration === undefined) throw unknownAgent(aws, mesh, agent, agents);
  const { capabilities } = registration;
  const changes = await Promise.all(capabilities.map((capability) => weightsWithout(aws, mesh, capability, agent)));
  for (const change of changes) await setWeights({ dynamodb: aws.dynamodb, table: offersTableName(mesh) }, change);
  return { capabilities, namedBy: agents.filter(({ calls }) => calls.includes(agent)).map(({ id }) => id) };
}

async function weightsWithout(aws: AwsClients, mesh: MeshName, capability: string, agent: string): Promise<NewWeights> {
  const offers = await offeringAgents(aws, mesh, capability);
  refuseSecond(offers, capability);
  const others = offers.map(({ offer }) => offer).filter((offer) => offer.agent !== agent);
  if (others.length === 0)
    throw new RolloutError(`only '${agent}' offers '${capability}': its messages would find nobody`, {
      remedy: `Deploy another agent with this capability first; or let messages wait: npx posthorn pause ${agent}.`,
    });
  if (others.every(({ weight }) => weight === 0))
    throw new RolloutError(`the other agents that offer '${capability}' have the weight 0`, {
      remedy: `Move its journeys first: npx posthorn rollout ${capability} --to ${others[0]?.agent} --weight 100.`,
    });
  return { capability, agent, weights: shiftedWeights([...others, { agent, weight: 0 }], agent, 0), known: others };
}
