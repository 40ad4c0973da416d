import { chooseOffer } from '../../../events/choose-offer.ts';
import type { OfferQuery } from '../../../events/find-offers.ts';
import { type FoundAgent, type FoundFilter, foundAgents } from '../../../events/found-agent.ts';
import type { Offer } from '../../../events/offer.ts';
import { PermanentError } from '../failure/errors.ts';
import { Interrupted } from '../failure/interrupted.ts';
import { OUTAGE_BASE_SECONDS } from '../trust/outage.ts';
import { OfferCache, type OfferPorts } from './offer-cache.ts';

/** A capability that is asked for, and what its agent must be. */
export type WantedAgent = OfferQuery & { readonly capability: string };

/** Finds agents by what they can do. */
export class AgentFinder {
  readonly #ports: OfferPorts;
  /** By capability: those that the agent's definition calls. */
  readonly #caches = new Map<string, OfferCache>();

  constructor(ports: OfferPorts) {
    this.#ports = ports;
  }

  /**
   * The agent for a journey, see `chooseOffer`.
   *
   * @param journey the correlation id
   * @returns its id
   * @throws Interrupted when no agent matches, which may be on its way, or when the registry cannot be read;
   *   PermanentError `InvalidTarget` for a version that is no range
   */
  async find(wanted: WantedAgent, journey: string): Promise<string> {
    const askedAt = this.#ports.clock.now();
    const cache = this.#cacheOf(wanted.capability);
    const known = await cache.current();
    const offers = matching(cache, known, wanted);
    const [usable, all] = offers.length > 0 ? [offers, known] : await this.#askAgain(cache, wanted, askedAt);
    const choice = chooseOffer(usable, journey, this.#ports.clock.now());
    if (choice === undefined) throw new Interrupted(noneText(wanted, all), { baseDelaySeconds: OUTAGE_BASE_SECONDS });
    const { offer, isLastResort } = choice;
    if (isLastResort) {
      const fields = { capability: wanted.capability, agent: offer.agent, reason: offer.health?.reason };
      this.#ports.logger.warn('no agent with the capability is healthy: the one with the fewest errors is used', fields);
    }
    return offer.agent;
  }

  /** The agents that match, the best first. @throws Interrupted when the registry cannot be read; PermanentError `InvalidTarget` */
  async list(wanted: WantedAgent & FoundFilter): Promise<readonly FoundAgent[]> {
    const cache = this.#cacheOf(wanted.capability);
    const offers = matching(cache, await cache.current(), wanted);
    return valid(() => foundAgents(offers, wanted, this.#ports.clock.now()));
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all([...this.#caches.values()].map((cache) => cache.idle()));
  }

  async #askAgain(
    cache: OfferCache,
    wanted: WantedAgent,
    since: number,
  ): Promise<readonly [usable: readonly Offer[], all: readonly Offer[]]> {
    const latest = await cache.latest(since);
    return [matching(cache, latest, wanted), latest];
  }

  #cacheOf(capability: string): OfferCache {
    const cache = this.#caches.get(capability) ?? new OfferCache(capability, this.#ports);
    this.#caches.set(capability, cache);
    return cache;
  }
}

const matching = ({ matches }: OfferCache, offers: readonly Offer[], wanted: WantedAgent): readonly Offer[] =>
  valid(() => matches.of(offers, wanted));

function valid<Answer>(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (cause) {
    throw new PermanentError('InvalidTarget', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const MAX_SHOWN = 10;

function noneText({ capability, version, maxLatencyMs }: WantedAgent, offers: readonly Offer[]): string {
  const asked = [version && `version ${version}`, maxLatencyMs !== undefined && `at most ${maxLatencyMs} ms`].filter(Boolean).join(', ');
  const shown = offers.slice(0, MAX_SHOWN).map(({ agent, version: has, health }) => {
    const latency = health?.p95Ms === undefined ? '' : `, ${Math.round(health.p95Ms)} ms`;
    return `${agent} (${has}${latency})`;
  });
  const more = offers.length > MAX_SHOWN ? ` and ${offers.length - MAX_SHOWN} more` : '';
  const there = offers.length === 0 ? 'no agent of the mesh offers it' : `those that offer it: ${shown.join(', ')}${more}`;
  return `no agent has the capability '${capability}'${asked === '' ? '' : ` with ${asked}`}: ${there}`;
}
