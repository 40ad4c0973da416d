/** SQS promises neither one delivery nor an order; a queue of one process gives both, and hides what a function does without them. */
export interface Disorder {
  /** Share of the handled messages that are redelivered, as after a delete that SQS lost: from 0 to below 1. */
  readonly duplicates: number;
  /** The same seed chooses the same for the same arrivals. @default 1 */
  readonly seed?: number;
}

/** What a queue does to its messages beyond delivering them. */
export interface QueueBehaviour {
  /** Whether a message that was handled is redelivered. */
  redelivers(): boolean;
  /** The order in which a batch is delivered. */
  ordered<Item>(items: readonly Item[]): readonly Item[];
}

/** Each message is delivered once, in the order of arrival. */
export const IN_ORDER: QueueBehaviour = { redelivers: () => false, ordered: (items) => items };

/** @throws RangeError naming the option */
export function disordered({ duplicates, seed = 1 }: Disorder): QueueBehaviour {
  if (!(duplicates >= 0 && duplicates < 1)) throw new RangeError(`disorder.duplicates is ${duplicates}; it must be from 0 to below 1`);
  const random = mulberry32(seed);
  return {
    redelivers: () => random() < duplicates,
    ordered: (items) =>
      items
        .map((item) => ({ item, rank: random() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  };
}

/** Numbers from 0 to below 1. @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
