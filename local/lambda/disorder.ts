/** SQS promises neither exactly one delivery nor an order. A queue in one process has both, which hides a function's faults. */
export interface Disorder {
  /** The share of handled messages that are redelivered, as after a lost delete: from 0 to below 1. */
  readonly duplicates: number;
  /** The same seed makes the same choices for the same arrivals. @default 1 */
  readonly seed?: number;
}

/** The disorder of one queue. */
export interface QueueBehaviour {
  /** Whether a handled message is redelivered. */
  redelivers(): boolean;
  /** Orders a batch. */
  ordered<Item>(items: readonly Item[]): readonly Item[];
}

/** Delivers each message once, in the order of arrival. */
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
