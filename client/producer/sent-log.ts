/** No reading is used for longer. */
const KEPT_SECONDS = 3_600;

/** What has been sent, by the second. It keeps an hour. */
export class SentLog {
  readonly #bySecond = new Map<number, number>();

  /** @param now epoch milliseconds */
  add(messages: number, now: number): void {
    const second = Math.floor(now / 1_000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + messages);
    for (const oldest of this.#bySecond.keys()) {
      if (oldest >= second - KEPT_SECONDS) break;
      this.#bySecond.delete(oldest);
    }
  }

  /** Messages since then. @param at epoch milliseconds */
  since(at: number): number {
    const first = Math.floor(at / 1_000);
    let messages = 0;
    for (const [second, sent] of this.#bySecond) if (second >= first) messages += sent;
    return messages;
  }

  /** Seconds that it keeps. */
  get size(): number {
    return this.#bySecond.size;
  }
}
