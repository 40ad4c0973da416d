import { MESSAGES_PER_REQUEST } from '../send/deliver.ts';
import type { Pacing } from './pacing.ts';
import { TokenBucket } from './token-bucket.ts';

/** A rate that somebody has chosen. No more than a request goes at once. */
export class FixedPacing implements Pacing {
  readonly ratePerSecond: number;
  readonly pressure = 0;
  readonly #bucket: TokenBucket;
  readonly #now: () => number;

  /** @param now milliseconds of any clock */
  constructor(ratePerSecond: number, now: () => number) {
    this.ratePerSecond = ratePerSecond;
    this.#now = now;
    this.#bucket = new TokenBucket(ratePerSecond, now(), Math.max(1, Math.min(ratePerSecond, MESSAGES_PER_REQUEST)));
  }

  async ready(): Promise<void> {}

  take(wanted: number): number {
    return this.#bucket.take(wanted, this.#now());
  }

  untilMs(wanted: number): number {
    return this.#bucket.untilMs(wanted, this.#now());
  }

  untilPassedMs(count: number): number {
    return this.#bucket.untilPassedMs(count, this.#now());
  }

  close(): void {}
}
