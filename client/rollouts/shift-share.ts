import type { FoundAgent } from '../../events/found-agent.ts';
import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { findAgents } from '../discovery/find-agents.ts';
import { offeringAgents } from './offering-agents.ts';
import { refuseSecond } from './refuse-second.ts';
import { checkShare, notOffered, setWeights } from './set-weights.ts';
import { shiftedWeights } from './shifted-weights.ts';

interface Shift {
  readonly capability: string;
  readonly agent: string;
  readonly share: number;
}

/** Gives an agent its share, and the others what is left. @throws InvalidQueryError, NotOfferedError, RolloutError, MissingTableError */
export async function shiftShare(aws: AwsClients, mesh: MeshName, { capability, agent, share }: Shift): Promise<readonly FoundAgent[]> {
  checkShare(share);
  const offers = await offeringAgents(aws, mesh, capability);
  if (!offers.some(({ offer }) => offer.agent === agent)) throw notOffered(agent, capability);
  refuseSecond(offers, capability);
  const agents = offers.map(({ offer }) => offer);
  const weights = shiftedWeights(agents, agent, share);
  await setWeights({ dynamodb: aws.dynamodb, table: offersTableName(mesh) }, { capability, agent, weights, known: agents });
  return findAgents(aws, mesh, { capability });
}
