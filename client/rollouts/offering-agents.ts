import { idSchema } from '../../events/envelope.ts';
import type { MeshName } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { isUnderWay } from '../../events/rollout.ts';
import type { AwsClients } from '../aws-clients.ts';
import { InvalidQueryError } from '../errors.ts';
import { inTable } from '../missing-table.ts';
import { queryItems } from '../query-items.ts';
import { type OperatedOffer, parseOperatedOffer } from './operated-offer.ts';

/** The agents that offer a capability, as the table has them now. @throws InvalidQueryError, MissingTableError */
export async function offeringAgents(aws: AwsClients, mesh: MeshName, capability: string): Promise<readonly OperatedOffer[]> {
  if (!idSchema.safeParse(capability).success)
    throw new InvalidQueryError(`'${capability}' is not a capability`, {
      remedy: 'Give 2 to 48 lower-case letters, digits and hyphens, beginning with a letter.',
    });
  const table = offersTableName(mesh);
  const query = queryItems(aws.dynamodb, { table, partition: ['capability', capability], isConsistent: true });
  return (await inTable(aws, table, query)).map(parseOperatedOffer);
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
