interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly keepsAlive: boolean;
}

/** A clock that goes on when it is told to, and the timers on it. */
export class VirtualClock {
  #now = 1_000_000;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => this.#now;

  readonly after = (delayMs: number, callback: () => void, keepsAlive = true): (() => void) => {
    const timer = { at: this.#now + delayMs, callback, keepsAlive };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Timers that a process would wait for. */
  get waitedFor(): number {
    return [...this.#timers].filter(({ keepsAlive }) => keepsAlive).length;
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Goes on, and runs what is due on the way, each at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    this.#now = end;
    await settled();
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
  }
}

/** What goes on without a timer has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
