import { FULL_WEIGHT } from '../../events/offer.ts';
import type { FoundAgent } from './find-agents.ts';

/**
 * The weights with which an agent has a share of a capability's journeys; the others keep their proportions in what is left. Only those
 * that change.
 *
 * @param share 0 to 100
 */
export function shiftedWeights(found: readonly FoundAgent[], to: string, share: number): ReadonlyMap<string, number> {
  const others = found.filter(({ agent }) => agent !== to);
  const sum = others.reduce((total, { weight }) => total + weight, 0);
  const left = FULL_WEIGHT - share;
  // Those that had nothing have had no proportion either: the first takes what is left.
  const weightOf = ({ weight }: FoundAgent, index: number) => (sum === 0 ? (index === 0 ? left : 0) : Math.round((weight / sum) * left));
  const wanted = new Map<string, number>([[to, share], ...others.map((other, index) => [other.agent, weightOf(other, index)] as const)]);
  return new Map(
    found.flatMap(({ agent, weight }) => (wanted.get(agent) === weight ? [] : [[agent, wanted.get(agent) ?? weight] as const])),
  );
}
