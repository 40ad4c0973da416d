import { weightedOffers } from '../../../events/choose-offer.ts';
import { isEjected } from '../../../events/find-offers.ts';
import type { Offer } from '../../../events/offer.ts';
import type { AgentRegistration } from '../../../events/registration.ts';

/**
 * The agents to which the messages of an agent go: those that it names, and of each capability that it asks for those that get messages
 * now. A version that gets none slows nobody down.
 *
 * @param now epoch milliseconds
 */
export function callees(agents: readonly AgentRegistration[], offers: readonly Offer[], now: number): (agent: string) => readonly string[] {
  const registered = new Map(agents.map((agent) => [agent.id, agent]));
  const serving = new Map(
    [...Map.groupBy(offers, ({ capability }) => capability)].map(([capability, all]) => [capability, servingOf(all, now)]),
  );
  return (id) => {
    const { calls = [], callsCapabilities = [] } = registered.get(id) ?? {};
    return [...calls, ...callsCapabilities.flatMap((capability) => serving.get(capability) ?? [])];
  };
}

/** Where nobody is healthy, senders take one of them all the same. */
function servingOf(offers: readonly Offer[], now: number): readonly string[] {
  const weighted = weightedOffers(offers);
  const healthy = weighted.filter((offer) => !isEjected(offer, now));
  return (healthy.length > 0 ? healthy : weighted).map(({ agent }) => agent);
}
