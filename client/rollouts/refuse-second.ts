import { isUnderWay } from '../../events/rollout.ts';
import { RolloutError } from '../errors.ts';
import { currentRollout } from './offering-agents.ts';
import type { OperatedOffer } from './operated-offer.ts';

/** One hand at a time decides over the weights of a capability. @throws RolloutError */
export function refuseSecond(offers: readonly OperatedOffer[], capability: string): void {
  const rollout = currentRollout(offers)?.rollout;
  if (rollout === undefined || !isUnderWay(rollout)) return;
  throw new RolloutError(`a rollout of '${capability}' to '${rollout.to}' is under way: it is ${rollout.state}`, {
    remedy: `Let it end, or abort it: npx posthorn rollout ${capability} --abort.`,
  });
}
