import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { type FoundAgent, findAgents } from './find-agents.ts';
import { shiftedWeights } from './shifted-weights.ts';
import { weighAgent } from './weigh-agent.ts';

interface Shift {
  readonly capability: string;
  readonly agent: string;
  readonly share: number;
}

/** Gives an agent its share, and the others what is left. @throws InvalidQueryError, NotOfferedError, MissingTableError */
export async function shiftShare(aws: AwsClients, mesh: MeshName, { capability, agent, share }: Shift): Promise<readonly FoundAgent[]> {
  const weights = shiftedWeights(await findAgents(aws, mesh, { capability }), agent, share);
  // The one that is asked for comes first: if it cannot have its share, nothing changes.
  await weighAgent(aws, mesh, { agent, capability, weight: share });
  for (const [other, weight] of weights) if (other !== agent) await weighAgent(aws, mesh, { agent: other, capability, weight });
  return findAgents(aws, mesh, { capability });
}
