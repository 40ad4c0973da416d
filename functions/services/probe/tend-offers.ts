import type { OperatedOffer } from '../../../client/rollouts/operated-offer.ts';
import { weightedOffers } from '../../../events/choose-offer.ts';
import { isEjected } from '../../../events/find-offers.ts';
import { NOBODY_HEALTHY_MESSAGE } from '../../../events/offer.ts';
import type { Snapshot } from '../../../events/snapshot.ts';
import type { ProbePorts } from './probe-ports.ts';
import { tendRollout } from './rollouts/tend-rollout.ts';

/** A capability about which something could not be done. */
export interface Failure {
  readonly about: string;
  readonly error: unknown;
}

/**
 * Looks at each capability: it moves rollouts on, and logs where no agent is healthy. One that fails keeps no other from it.
 *
 * @param operated the offers, as they are after this run's judgement
 * @param snapshots of this run, by agent
 */
export async function tendOffers(
  ports: ProbePorts,
  operated: readonly OperatedOffer[],
  snapshots: ReadonlyMap<string, Snapshot>,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const byCapability = Map.groupBy(operated, ({ offer }) => offer.capability);
  for (const [capability, offers] of byCapability) {
    logIfNobodyIsHealthy(capability, offers, ports);
    try {
      await tendRollout({ capability, offers, snapshots }, ports);
    } catch (error) {
      failures.push({ about: `the rollout of '${capability}'`, error });
    }
  }
  return failures;
}

/** Senders go on with the agent that has the smallest share of errors. */
function logIfNobodyIsHealthy(capability: string, offers: readonly OperatedOffer[], { logger, now }: ProbePorts): void {
  const serving = weightedOffers(offers.map(({ offer }) => offer));
  if (!serving.every((offer) => isEjected(offer, now()))) return;
  const agents = serving.map(({ agent, health }) => `${agent}: ${health?.reason ?? 'it was ejected'}`);
  logger.warn(NOBODY_HEALTHY_MESSAGE, { capability, agents });
}
