import { FULL_WEIGHT } from '../../events/offer.ts';
import { InvalidQueryError, NotOfferedError } from '../errors.ts';
import { type OffersTable, writeWeight } from './update-offer.ts';

/** @throws InvalidQueryError */
export function checkShare(share: number): void {
  if (!(Number.isInteger(share) && share >= 0 && share <= FULL_WEIGHT))
    throw new InvalidQueryError(`the share is ${share}`, { remedy: `Give a whole number of percent from 0 to ${FULL_WEIGHT}.` });
}

/**
 * Sets the weights of a capability's agents, that of one first: if it cannot have its share, nothing changes.
 *
 * @throws NotOfferedError if the first one does not offer the capability
 */
export async function setWeights(
  to: OffersTable,
  { capability, agent, weights }: { readonly capability: string; readonly agent: string; readonly weights: ReadonlyMap<string, number> },
): Promise<void> {
  const others = [...weights].filter(([other]) => other !== agent);
  if (!(await writeWeight(to, { capability, agent }, weights.get(agent) ?? 0))) throw notOffered(agent, capability);
  // One that is gone needs no weight.
  for (const [other, weight] of others) await writeWeight(to, { capability, agent: other }, weight);
}

/** The error for an agent without the capability. */
export const notOffered = (agent: string, capability: string): NotOfferedError =>
  new NotOfferedError(`agent '${agent}' does not offer the capability '${capability}'`, {
    remedy: 'Deploy an agent with this capability, or give another one.',
  });
