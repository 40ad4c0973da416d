import { chooseOffer } from '../../events/choose-offer.ts';
import { matchingOffers, type OfferQuery } from '../../events/find-offers.ts';
import type { MeshName } from '../../events/names.ts';
import { type Offer, offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { checkCapability } from '../discovery/check-capability.ts';
import { offersOf } from '../discovery/offers-of.ts';
import { refusingQuery } from '../discovery/refusing-query.ts';
import { NotOfferedError } from '../errors.ts';
import { inTable } from '../missing-table.ts';
import { Remembered } from '../remembered.ts';

/** For so long the offers are used as they were read, as agents do. */
const FRESH_MS = 10_000;

/** A capability that is asked for, and what its agent must be. */
export interface WantedCapability extends OfferQuery {
  readonly capability: string;
}

/** Finds the agents for a producer's messages to capabilities, by the same choice as agents make. */
export class CapabilityTargets {
  readonly #offers: Remembered<{ readonly offers: readonly Offer[]; readonly readAt: number }>;

  constructor(aws: AwsClients, mesh: MeshName) {
    const table = offersTableName(mesh);
    this.#offers = new Remembered(
      async (capability) => {
        const readAt = Date.now();
        return { offers: await inTable(aws, table, offersOf(aws.dynamodb, table, capability)), readAt };
      },
      ({ readAt }) => Date.now() - readAt < FRESH_MS,
    );
  }

  /** The agent for a journey. @param journey its correlation id. @throws NotOfferedError, InvalidQueryError, MissingTableError */
  async find({ capability, ...query }: WantedCapability, journey: string): Promise<string> {
    checkCapability(capability);
    const { offers } = await this.#offers.get(capability);
    const choice = chooseOffer(
      refusingQuery(() => matchingOffers(offers, query)),
      journey,
      Date.now(),
    );
    if (choice !== undefined) return choice.offer.agent;
    const offered = offers.map(({ agent, version }) => `${agent} (${version})`).join(', ');
    throw new NotOfferedError(`no agent has the capability '${capability}' as it is asked for`, {
      remedy: offered === '' ? 'Deploy an agent with this capability.' : `Those that offer it: ${offered}.`,
    });
  }
}
