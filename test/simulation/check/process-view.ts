import type { Facts, SentCopy } from './facts.ts';

/** A write that was asked for in time is applied by then. */
const ON_THE_WIRE_MS = 41_000;

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

  /**
   * Whether two invocations had an SQS message at the same time, each of which decided about it.
   *
   * @param first what was decided first
   * @param second what was decided then
   */
  areBeside(first: { readonly order: number }, second: { readonly invocation: number; readonly at: number }, messageId: string): boolean {
    return this.receivedBefore(second.invocation, first.order).some(
      (received) => received.copy.messageId === messageId && second.at < received.at + this.#facts.history.timeoutMs + ON_THE_WIRE_MS,
    );
  }
}
