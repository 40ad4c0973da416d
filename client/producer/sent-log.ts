/** Seconds that are told apart. */
const KEPT_SECONDS = 3_600;

/** What has been sent since the last reading, by the second; what is older than an hour, in one sum. */
export class SentLog {
  readonly #bySecond = new Map<number, number>();
  #older = { until: 0, messages: 0 };

  /** @param now epoch milliseconds */
  add(messages: number, now: number): void {
    const second = Math.floor(now / 1_000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + messages);
    for (const [until, sent] of this.#bySecond) {
      if (until >= second - KEPT_SECONDS) break;
      this.#bySecond.delete(until);
      this.#older = { until, messages: this.#older.messages + sent };
    }
  }

  /** Messages since then. @param at epoch milliseconds */
  since(at: number): number {
    const first = Math.floor(at / 1_000);
    let messages = this.#older.until >= first ? this.#older.messages : 0;
    for (const [second, sent] of this.#bySecond) if (second >= first) messages += sent;
    return messages;
  }

  /** Forgets what was sent before. @param at epoch milliseconds */
  forget(at: number): void {
    const first = Math.floor(at / 1_000);
    if (this.#older.until < first) this.#older = { until: 0, messages: 0 };
    for (const second of this.#bySecond.keys()) if (second < first) this.#bySecond.delete(second);
  }

  /** Seconds that it keeps. */
  get size(): number {
    return this.#bySecond.size;
  }
}
