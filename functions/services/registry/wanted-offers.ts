import { compareVersions } from '../../../events/compare-versions.ts';
import { declaredOffer, FULL_WEIGHT, type OfferItem } from '../../../events/offer.ts';
import type { AgentRegistration } from '../../../events/registration.ts';

/** An offer as the registry's service writes it. */
export type DeclaredOffer = Pick<OfferItem, 'capability' | 'agent' | 'declared'> & {
  /** What a new item begins with. An item that is there keeps the weight that operators gave it. */
  readonly weight: number;
};

/** The key of an offer. */
export const offerKeyOf = ({ capability, agent }: Pick<OfferItem, 'capability' | 'agent'>): string => `offer ${capability} ${agent}`;

/**
 * The offers that the agents declare. An agent that is new for a capability which others serve already begins with weight 0, so that a
 * new version gets messages when an operator says so. Of several that are new together, the lowest version begins.
 */
export function wantedOffers(existing: readonly OfferItem[], agents: readonly AgentRegistration[]): readonly DeclaredOffer[] {
  const served = new Set(existing.map(({ capability }) => capability));
  const lowestFirst = agents.toSorted(
    (one, other) => compareVersions(one.version, other.version) || (one.id < other.id ? -1 : Number(one.id > other.id)),
  );
  return lowestFirst.flatMap((agent) =>
    [...new Set(agent.capabilities)].map((capability) => {
      const weight = served.has(capability) ? 0 : FULL_WEIGHT;
      served.add(capability);
      return { capability, agent: agent.id, declared: declaredOffer(agent), weight };
    }),
  );
}
