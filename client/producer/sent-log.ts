/** What has been sent, by the second, for as long as a reading may be of. */
export class SentLog {
  readonly #bySecond = new Map<number, number>();

  /** @param now epoch milliseconds */
  add(messages: number, now: number): void {
    const second = Math.floor(now / 1_000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + messages);
  }

  /** Messages since then. Forgets what was before. @param at epoch milliseconds */
  since(at: number): number {
    const first = Math.floor(at / 1_000);
    let messages = 0;
    for (const [second, sent] of this.#bySecond) {
      if (second < first) this.#bySecond.delete(second);
      else messages += sent;
    }
    return messages;
  }
}
