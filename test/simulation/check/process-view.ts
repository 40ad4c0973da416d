import type { Facts, SentCopy } from './facts.ts';

interface ReceivedCopy {
  readonly copy: SentCopy;
  readonly receives: number;
  readonly at: number;
  readonly order: number;
}

/**
 * What each process received. Work that an invocation left behind goes on in the next one of its process, so what a process does is
 * held against all that it had received.
 */
export class ProcessView {
  readonly #facts: Facts;
  readonly #received = new Map<number, ReceivedCopy[]>();

  constructor(facts: Facts) {
    this.#facts = facts;
    for (const { copy: number, receives, invocation, at, order } of facts.received) {
      const copy = facts.copies.get(number);
      const process = facts.invocations.get(invocation)?.process;
      if (copy === undefined || process === undefined) continue;
      const list = this.#received.get(process) ?? [];
      list.push({ copy, receives, at, order });
      this.#received.set(process, list);
    }
  }

  processOf(invocation: number): number | undefined {
    return this.#facts.invocations.get(invocation)?.process;
  }

  /** What the process of this invocation had received at that place of the history. */
  receivedBefore(invocation: number, order: number): readonly ReceivedCopy[] {
    const process = this.#facts.invocations.get(invocation)?.process;
    const all = process === undefined ? [] : (this.#received.get(process) ?? []);
    return all.filter((each) => each.order < order);
  }
}
