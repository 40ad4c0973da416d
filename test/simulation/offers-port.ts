import { parseOffer } from '../../events/offer.ts';
import type { Offers } from '../../functions/runtime/ports.ts';
import type { SimulatedOffers } from './simulated-offers.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const OFFERS = { before: ['offers-fails'], slow: 'offers-slow' } as const;

/** The table of offers, as one process asks for it. */
export function offersPort(process: SimulatedProcess, { scheduler, note }: World, offers: SimulatedOffers): Offers {
  const read = async (capability: string) => {
    const answer = await process.request(OFFERS, () =>
      offers.isOut ? undefined : offers.read(capability, process.strikes('offers-stale')),
    );
    if (answer !== undefined) return answer;
    process.disturb('offers-outage');
    throw new Error('offers-outage');
  };
  return {
    async of(capability) {
      const invocation = process.invocation?.number ?? -1;
      const look = { invocation, capability, lookedAt: scheduler.now };
      note({ what: 'looked', invocation, capability });
      try {
        const { items, offers: known } = await read(capability);
        note({ what: 'learnt', ...look, offers: known });
        return items.flatMap((item) => parseOffer(item) ?? []);
      } catch (error) {
        note({ what: 'learnt', ...look });
        throw error;
      }
    },
  };
}
