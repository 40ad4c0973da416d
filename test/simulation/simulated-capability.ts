import type { KnownOffer } from './history.ts';
import { ODD_FORMS, type OddForm, offerItem } from './offer-item.ts';
import type { World } from './world.ts';

/** The offers of a capability from some time on. */
export interface OfferVersion {
  readonly at: number;
  /** As the table has them, unmarshalled. */
  readonly items: readonly unknown[];
  /** What they mean. */
  readonly offers: readonly KnownOffer[];
}

/** A read that is not consistent may be so old. */
const MAX_STALENESS_MS = 30_000;

/** Weights that operators give. */
const WEIGHTS = [0, 0, 10, 50, 90, 100];

const FULL_WEIGHT = 100;

/** An agent that offers the capability. */
interface Standing {
  readonly agent: string;
  readonly version: string;
  weight: number;
  health: Pick<KnownOffer, 'p95Ms' | 'errorShare' | 'ejectedUntil'> | undefined;
  odd: OddForm | undefined;
  /** Why it is not there; 0 while it is. */
  absences: number;
}

/**
 * The items of one capability in the table of offers. Deployments remove agents and bring them back, the probe judges them, operators weigh
 * them, and odd values come and go. In the end all agents are there and healthy, whatever their weights: each message finds one.
 */
export class SimulatedCapability {
  readonly #world: World;
  readonly #capability: string;
  readonly #standings: readonly Standing[];
  readonly #versions: OfferVersion[] = [];

  /** @param agents with their versions */
  constructor(world: World, capability: string, agents: Readonly<Record<string, string>>) {
    const { faults, timing } = world;
    this.#world = world;
    this.#capability = capability;
    this.#standings = Object.entries(agents).map(([agent, version]) => ({
      ...{ agent, version, weight: FULL_WEIGHT, odd: undefined, absences: 0 },
      health: this.#goodHealth(),
    }));
    if (faults.happens('offers-late')) this.#remove(this.#some());
    if (faults.happens('offers-shift')) {
      this.#shift(this.#standings);
      this.#again(timing.integer(5, 60), () => this.#shift(this.#some()));
    }
    if (faults.happens('offers-removed')) this.#again(timing.integer(2, 20), () => this.#remove(this.#some()));
    if (faults.happens('offers-odd')) this.#again(timing.integer(5, 40), () => this.#makeOdd(this.#some()));
    if (faults.happens('offers-judged')) {
      const atLast = () => this.#judgeWell(this.#standings);
      this.#again(timing.integer(5, 60), () => this.#judge(this.#some()), atLast);
    }
    this.#write(() => undefined);
  }

  /** @param isStale whether the answer may be one from before */
  read(isStale: boolean): OfferVersion | undefined {
    const { scheduler, timing } = this.#world;
    const at = isStale ? scheduler.now - timing.integer(0, MAX_STALENESS_MS) : scheduler.now;
    return this.#versions.findLast((version) => version.at <= at) ?? this.#versions[0];
  }

  #write(change: () => void): void {
    change();
    const there = this.#standings.filter(({ absences }) => absences === 0);
    const written = there.map((standing) => offerItem({ capability: this.#capability, ...standing }, standing.odd));
    this.#versions.push({
      at: this.#world.scheduler.now,
      items: written.map(({ item }) => item),
      offers: written.map(({ means }) => means),
    });
  }

  /** Does it so many times, soon after one another or not, and then something else once. */
  #again(left: number, work: () => void, atLast: () => void = () => undefined): void {
    const { scheduler, timing } = this.#world;
    scheduler.after(timing.chance(0.8) ? timing.integer(500, 20_000) : timing.integer(20_000, 400_000), () => {
      work();
      if (left > 1) this.#again(left - 1, work, atLast);
      else atLast();
    });
  }

  /** One of the agents, or all of them. */
  #some(): readonly Standing[] {
    const { timing } = this.#world;
    const one = this.#standings[timing.integer(0, this.#standings.length - 1)];
    return one === undefined || timing.chance(0.2) ? this.#standings : [one];
  }

  /** From seconds to longer than all receives of a message take. */
  #someTime(): number {
    const { timing } = this.#world;
    return timing.chance(0.8) ? timing.integer(1_000, 60_000) : timing.integer(60_000, 3_000_000);
  }

  #shift(standings: readonly Standing[]): void {
    const { timing } = this.#world;
    this.#write(() => {
      for (const standing of standings) standing.weight = WEIGHTS[timing.integer(0, WEIGHTS.length - 1)] ?? FULL_WEIGHT;
    });
  }

  #judge(standings: readonly Standing[]): void {
    const { scheduler, timing } = this.#world;
    this.#write(() => {
      for (const standing of standings) {
        const isMeasured = timing.chance(0.8);
        standing.health = {
          p95Ms: isMeasured ? timing.integer(10, 2_000) : undefined,
          errorShare: isMeasured ? timing.integer(0, 100) / 100 : undefined,
          ejectedUntil: timing.chance(0.6) ? scheduler.now + timing.integer(5_000, 300_000) : undefined,
        };
      }
    });
  }

  #judgeWell(standings: readonly Standing[]): void {
    this.#write(() => {
      for (const standing of standings) standing.health = this.#goodHealth();
    });
  }

  #goodHealth() {
    return { p95Ms: this.#world.timing.integer(10, 100), errorShare: 0 };
  }

  /** An agent comes back as a new one, and the probe sees it a minute later at most. */
  #remove(standings: readonly Standing[]): void {
    const { scheduler, timing } = this.#world;
    this.#write(() => {
      for (const standing of standings) standing.absences++;
    });
    scheduler.after(this.#someTime(), () => {
      this.#write(() => {
        for (const standing of standings) this.#comeBack(standing);
      });
      scheduler.after(timing.integer(1_000, 60_000), () => this.#judgeWell(standings.filter(({ health }) => health === undefined)));
    });
  }

  /** Whoever comes to a capability that is served begins with no weight. */
  #comeBack(standing: Standing): void {
    const isServed = this.#standings.some((other) => other.absences === 0);
    standing.absences--;
    if (standing.absences === 0) Object.assign(standing, { weight: isServed ? 0 : FULL_WEIGHT, health: undefined });
  }

  #makeOdd(standings: readonly Standing[]): void {
    const { scheduler, timing } = this.#world;
    this.#write(() => {
      for (const standing of standings) standing.odd = ODD_FORMS[timing.integer(0, ODD_FORMS.length - 1)];
    });
    scheduler.after(this.#someTime(), () => {
      this.#write(() => {
        for (const standing of standings) standing.odd = undefined;
      });
    });
  }
}
