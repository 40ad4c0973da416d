import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { isUnderWay } from '../../events/rollout.ts';
import type { AwsClients } from '../aws-clients.ts';
import { checkCapability } from '../discovery/check-capability.ts';
import { inTable } from '../missing-table.ts';
import { queryItems } from '../query-items.ts';
import { type OperatedOffer, parseOperatedOffer } from './operated-offer.ts';

/** The agents that offer a capability, as the table has them now. @throws InvalidQueryError, MissingTableError */
export async function offeringAgents(aws: AwsClients, mesh: MeshName, capability: string): Promise<readonly OperatedOffer[]> {
  checkCapability(capability);
  const table = offersTableName(mesh);
  const query = queryItems(aws.dynamodb, { table, partition: ['capability', capability], isConsistent: true });
  return (await inTable(aws, table, query)).flatMap((item) => parseOperatedOffer(item) ?? []);
}

/** The rollout of a capability that counts: the one under way, otherwise the last one. */
export function currentRollout(offers: readonly OperatedOffer[]): OperatedOffer | undefined {
  const withOne = offers.filter(({ rollout }) => rollout !== undefined);
  const startedAt = ({ rollout }: OperatedOffer) => rollout?.startedAt ?? 0;
  const underWay = withOne.filter(({ rollout }) => rollout && isUnderWay(rollout));
  // Two may have begun at the same time: the first one counts, and the probe ends the other.
  const [first] = underWay.sort((one, other) => startedAt(one) - startedAt(other) || (one.offer.agent < other.offer.agent ? -1 : 1));
  return first ?? withOne.sort((one, other) => startedAt(other) - startedAt(one))[0];
}
