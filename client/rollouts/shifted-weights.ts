import { FULL_WEIGHT } from '../../events/offer.ts';

/** An agent and its weight. */
export interface Weighted {
  readonly agent: string;
  readonly weight: number;
}

/**
 * The weights of all agents with which one has a share of a capability's journeys; the others keep their proportions in what is left.
 *
 * @param share 0 to 100
 */
export function shiftedWeights(agents: readonly Weighted[], to: string, share: number): ReadonlyMap<string, number> {
  const others = agents.filter(({ agent }) => agent !== to);
  const sum = others.reduce((total, { weight }) => total + weight, 0);
  const left = FULL_WEIGHT - share;
  // Those that had nothing have had no proportion either: the first takes what is left.
  const weightOf = ({ weight }: Weighted, index: number) => (sum === 0 ? (index === 0 ? left : 0) : Math.round((weight / sum) * left));
  return new Map([[to, share], ...others.map((other, index) => [other.agent, weightOf(other, index)] as const)]);
}
