/** Lets messages through at a rate, and some at once after a pause. It holds no timers: it says how long to wait. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number;
  #perSecond: number;
  #size: number;

  /**
   * It is full at first.
   *
   * @param now milliseconds of any clock that the later calls use, too
   * @param size what it holds. @default that of a second, and one at least
   */
  constructor(perSecond: number, now: number, size = Math.max(1, perSecond)) {
    this.#perSecond = perSecond;
    this.#size = size;
    this.#tokens = size;
    this.#filledAt = now;
  }

  /** Changes the rate. What has been saved stays within the new size. */
  setRate(perSecond: number, now: number, size = Math.max(1, perSecond)): void {
    this.#fill(now);
    this.#perSecond = perSecond;
    this.#size = size;
    this.#tokens = Math.min(this.#tokens, size);
  }

  /**
   * Takes so many, or as many as it ever holds if that is less.
   *
   * @returns how many it took: 0 while it has fewer, so that they go in one request and not one by one
   */
  take(wanted: number, now: number): number {
    this.#fill(now);
    const count = this.#atOnce(wanted);
    if (this.#tokens < count) return 0;
    this.#tokens -= count;
    return count;
  }

  /** Milliseconds until {@link take} gives so many. */
  untilMs(wanted: number, now: number): number {
    return this.untilPassedMs(this.#atOnce(wanted), now);
  }

  /** Milliseconds until so many have been let through, one after the other. */
  untilPassedMs(count: number, now: number): number {
    this.#fill(now);
    return Math.max(0, Math.ceil(((count - this.#tokens) / this.#perSecond) * 1_000));
  }

  #atOnce(wanted: number): number {
    return Math.min(wanted, Math.floor(this.#size));
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#size, this.#tokens + (Math.max(0, now - this.#filledAt) / 1_000) * this.#perSecond);
    this.#filledAt = now;
  }
}
