import type { Offer } from '../../../events/offer.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Clock, Logger, Offers } from '../ports.ts';
import { OUTAGE_BASE_SECONDS } from '../trust/outage.ts';
import { Matches } from './matches.ts';

export interface OfferPorts {
  readonly offers: Offers;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** For so long the offers are used as they were read. */
export const FRESH_MS = 10_000;

/** For so long the last offers are used while the registry cannot be read. */
const USABLE_MS = 300_000;

/**
 * The offers of one capability in this process. A warm process uses those that it has, and reads them again beside its work; a process
 * that has none waits for them.
 */
export class OfferCache {
  readonly matches = new Matches();
  readonly #capability: string;
  readonly #ports: OfferPorts;
  #offers: readonly Offer[] | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<readonly Offer[]> | undefined;

  constructor(capability: string, ports: OfferPorts) {
    this.#capability = capability;
    this.#ports = ports;
  }

  /** @throws Interrupted when there are none that may still be used */
  async current(): Promise<readonly Offer[]> {
    const now = this.#ports.clock.now();
    if (this.#offers === undefined || now - this.#readAt >= USABLE_MS) return await this.#read();
    if (now - this.#readAt >= FRESH_MS && now - this.#triedAt >= FRESH_MS) {
      this.#read().catch((error: unknown) => {
        const readAt = new Date(this.#readAt).toISOString();
        const fields = { error, capability: this.#capability, readAt };
        this.#ports.logger.warn('the offers of a capability could not be read again; the last ones are used', fields);
      });
    }
    return this.#offers;
  }

  /**
   * Those that the registry had at that time or later: what is not in older ones may have come since.
   *
   * @param since epoch milliseconds
   * @throws Interrupted when it cannot be read
   */
  async latest(since: number): Promise<readonly Offer[]> {
    if (this.#offers !== undefined && this.#readAt >= since) return this.#offers;
    return await this.#read();
  }

  /** Resolves when nothing is being read. Never rejects. */
  async idle(): Promise<void> {
    await Promise.allSettled([this.#reading]);
  }

  /** The messages of a batch share a read. */
  #read(): Promise<readonly Offer[]> {
    this.#reading ??= this.#request().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #request(): Promise<readonly Offer[]> {
    const beganAt = this.#ports.clock.now();
    this.#triedAt = beganAt;
    try {
      const offers = await this.#ports.offers.of(this.#capability);
      this.#offers = offers;
      this.#readAt = beganAt;
      return offers;
    } catch (cause) {
      throw new Interrupted(`the registry could not be read for the capability '${this.#capability}'`, {
        cause,
        baseDelaySeconds: OUTAGE_BASE_SECONDS,
      });
    }
  }
}
