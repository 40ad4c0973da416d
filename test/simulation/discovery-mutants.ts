import { edit, type Mutant, mutantsOf } from './mutant.ts';

const CHOOSE_OFFER = '../../events/choose-offer.ts';
const FIND_OFFERS = '../../events/find-offers.ts';

/** Where the search begins, if not at the first seed. */
const FIRST_SEEDS = {
  'least-healthy-is-last-resort': 9,
  'no-weight-is-failover': 8,
  'weights-ignored': 5,
  'nobody-looked-for-twice': 5,
  'offers-used-for-ever': 7,
  'removed-agent-kept': 5,
};
const mutant = mutantsOf(FIRST_SEEDS, { hasDiscovery: true });

/** Breaks of what sends to capabilities. */
export const DISCOVERY_MUTANTS: readonly Mutant[] = [
  mutant(
    'resend-resolves-again',
    edit(
      'ledger/send-outbox.ts',
      'await send(to);',
      `const { type, id, correlationid = id } = JSON.parse(body);
      const [, capability] = type.split('/');
      await send(capability === undefined ? to : await runtime.finder.find({ capability }, correlationid));`,
    ),
  ),
  mutant('unhealthy-picked', edit(CHOOSE_OFFER, 'weighted.filter((offer) => !isEjected(offer, now))', 'weighted')),
  mutant('ejected-for-ever', edit(FIND_OFFERS, ' && health.ejectedUntil > now', '')),
  mutant('least-healthy-is-last-resort', edit(CHOOSE_OFFER, 'errorShare(one) - errorShare(other)', 'errorShare(other) - errorShare(one)')),
  mutant(
    'no-weight-is-failover',
    edit(
      CHOOSE_OFFER,
      'const weighted = weightedOffers(offers);',
      `const healthy = offers.filter((offer) => !isEjected(offer, now));
  const weighted = weightedOffers(healthy.length > 0 ? healthy : offers);`,
    ),
  ),
  mutant('weights-ignored', edit(CHOOSE_OFFER, 'const score = -offer.weight /', 'const score = -1 /')),
  mutant('version-ignored', edit(FIND_OFFERS, 'if (!isInRange(offered)) return false;', '')),
  mutant(
    'journey-moves',
    edit('agent/handler-context.ts', 'find(target, envelope.correlationid ?? envelope.id)', 'find(target, envelope.id)'),
  ),
  mutant(
    'no-match-counts-attempt',
    edit(
      'middleware/classify-error.ts',
      'if (error instanceof Interrupted) return',
      "if (error instanceof Interrupted && !error.message.startsWith('no agent has')) return",
    ),
  ),
  mutant(
    'no-match-rejects',
    edit(
      'discovery/agent-finder.ts',
      'throw new Interrupted(noneText(wanted, all), { baseDelaySeconds: OUTAGE_BASE_SECONDS });',
      "throw new PermanentError('NoAgent', noneText(wanted, all));",
    ),
  ),
  mutant('new-agent-not-looked-for', edit('discovery/agent-finder.ts', 'await this.#askAgain(cache, wanted, askedAt)', '[offers, known]')),
  mutant(
    'offers-outage-rejects',
    edit(
      'discovery/offer-cache.ts',
      "import { Interrupted } from '../failure/interrupted.ts';",
      "import { PermanentError } from '../failure/errors.ts';",
    ),
    edit(
      'discovery/offer-cache.ts',
      'throw new Interrupted(`the registry',
      "throw new PermanentError('RegistryUnavailable', `the registry",
    ),
  ),
  mutant('offers-waited-for', edit('discovery/offer-cache.ts', 'this.#read().catch(', 'await this.#read().catch(')),
  mutant('offers-read-each-time', edit('discovery/offer-cache.ts', 'const FRESH_MS = 10_000;', 'const FRESH_MS = 0;')),
  mutant(
    'nobody-looked-for-twice',
    edit('discovery/offer-cache.ts', 'if (this.#offers !== undefined && this.#readAt >= since) return this.#offers;', ''),
  ),
  mutant('offers-not-read-again', edit('discovery/offer-cache.ts', 'const FRESH_MS = 10_000;', 'const FRESH_MS = 300_000;')),
  mutant('offers-used-for-ever', edit('discovery/offer-cache.ts', 'const USABLE_MS = 300_000;', 'const USABLE_MS = Infinity;')),
  mutant(
    'removed-agent-kept',
    edit(
      'discovery/offer-cache.ts',
      'this.#offers = offers;',
      'this.#offers = [...offers, ...(this.#offers ?? []).filter((old) => !offers.some(({ agent }) => agent === old.agent))];',
    ),
  ),
];
