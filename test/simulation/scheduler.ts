interface Event {
  readonly time: number;
  readonly order: number;
  work: (() => void) | undefined;
}

/** Begins at the same moment in every run. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** A busy moment has some thousands of pieces of work. So many are a loop. */
const MAX_AT_ONE_MOMENT = 100_000;

/**
 * Virtual time. Work is done in the order of its time, ties in the order it was asked for; between two pieces of work,
 * everything that the first set off runs until nothing is ready, so the order of promises never depends on the machine.
 */
export class Scheduler {
  #now = EPOCH_MS;
  #order = 0;
  readonly #heap: Event[] = [];

  /** Epoch milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** @returns cancels it */
  after(delayMs: number, work: () => void): () => void {
    const event: Event = { time: this.#now + Math.max(0, delayMs), order: this.#order++, work };
    this.#push(event);
    return () => {
      event.work = undefined;
    };
  }

  /** Until nothing is left to happen. @throws Error when time stands still */
  async run(): Promise<void> {
    let atThisMoment = 0;
    for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
      if (event.work === undefined) continue;
      atThisMoment = event.time > this.#now ? 0 : atThisMoment + 1;
      if (atThisMoment > MAX_AT_ONE_MOMENT) throw new Error('time stands still: something asks to go on at once, again and again');
      this.#now = event.time;
      event.work();
      // An immediate runs after every promise and nextTick that is ready, and those they make ready (1 us).
      await new Promise(setImmediate);
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      const right = heap[childIndex + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (child === undefined || isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);
