import { FULL_WEIGHT } from '../../events/offer.ts';
import { InvalidQueryError, NotOfferedError } from '../errors.ts';
import type { Weighted } from './shifted-weights.ts';
import { type OffersTable, writeWeight } from './update-offer.ts';

/** @throws InvalidQueryError */
export function checkShare(share: number): void {
  if (!(Number.isInteger(share) && share >= 0 && share <= FULL_WEIGHT))
    throw new InvalidQueryError(`the share is ${share}`, { remedy: `Give a whole number of percent from 0 to ${FULL_WEIGHT}.` });
}

/** The weights that the agents of a capability are to have. */
export interface NewWeights {
  readonly capability: string;
  /** The one that is written first. */
  readonly agent: string;
  /** By agent. */
  readonly weights: ReadonlyMap<string, number>;
  /** What the others have now, where no other hand writes weights: what they keep is not written. @default all are written */
  readonly known?: readonly Weighted[];
}

/**
 * Sets the weights of a capability's agents, that of one first: if it cannot have its share, nothing changes.
 *
 * @throws NotOfferedError if the first one does not offer the capability
 */
export async function setWeights(to: OffersTable, { capability, agent, weights, known = [] }: NewWeights): Promise<void> {
  const last = new Map(known.map(({ agent: other, weight }) => [other, weight]));
  const others = [...weights].filter(([other, weight]) => other !== agent && last.get(other) !== weight);
  if (!(await writeWeight(to, { capability, agent }, weights.get(agent) ?? 0))) throw notOffered(agent, capability);
  // One that is gone needs no weight.
  for (const [other, weight] of others) await writeWeight(to, { capability, agent: other }, weight);
}

/** The error for an agent without the capability. */
export const notOffered = (agent: string, capability: string): NotOfferedError =>
  new NotOfferedError(`agent '${agent}' does not offer the capability '${capability}'`, {
    remedy: 'Deploy an agent with this capability, or give another one.',
  });
