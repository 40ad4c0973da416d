import { OFFERS } from './agents.ts';
import { type OfferVersion, SimulatedCapability } from './simulated-capability.ts';
import type { World } from './world.ts';

/** The table of offers: it may answer nobody, and what is in it changes. */
export class SimulatedOffers {
  readonly #world: World;
  readonly #capabilities = new Map<string, SimulatedCapability>();
  #outages = 0;

  constructor(world: World) {
    this.#world = world;
    for (const [capability, agents] of Object.entries(OFFERS))
      this.#capabilities.set(capability, new SimulatedCapability(world, capability, agents));
    for (let outage = 0; outage < 3; outage++) if (world.faults.happens('offers-outage')) this.#planOutage();
  }

  /** Whether it answers nobody now. */
  get isOut(): boolean {
    return this.#outages > 0;
  }

  /** @param isStale whether the answer may be one from before */
  read(capability: string, isStale: boolean): OfferVersion {
    const found = this.#capabilities.get(capability)?.read(isStale);
    if (found === undefined) throw new Error(`no agent calls ${capability}`);
    return found;
  }

  /** Of seconds, which warm processes bridge, up to longer than all receives of a message take. */
  #planOutage(): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.integer(0, 120_000), () => {
      this.#outages++;
      scheduler.after(timing.chance(0.7) ? timing.integer(1_000, 120_000) : timing.integer(120_000, 3_000_000), () => this.#outages--);
    });
  }
}
