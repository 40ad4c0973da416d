import { MAX_OWN_NAMES, OVERFLOW_ATTRIBUTE, ownNameOf } from '../../../events/own-metrics-record.ts';

/** What an item with own metrics has room for, as far as a process knows. */
export interface Selection {
  /** With what is left out as overflow. */
  readonly increments: ReadonlyMap<string, number>;
  /** Names of them that are new to the process: the item may have them, or not. */
  readonly fresh: readonly string[];
  readonly leftOut: readonly string[];
}

/** The names of own metrics that an item is known to have. An item loses none. */
export class OwnNames {
  readonly #known = new Set<string>();

  learn(names: readonly string[]): void {
    for (const name of names) this.#known.add(name);
  }

  /** Chooses what to write: a name that the item has, and any other while there is room. */
  select(wanted: ReadonlyMap<string, number>): Selection {
    const [fresh, leftOut, increments] = [new Set<string>(), new Set<string>(), new Map<string, number>()];
    for (const [attribute, increment] of wanted) {
      const name = ownNameOf(attribute);
      const isNew = name !== undefined && !this.#known.has(name) && !fresh.has(name);
      if (isNew && this.#known.size + fresh.size >= MAX_OWN_NAMES) leftOut.add(name);
      else increments.set(attribute, increment);
      if (isNew && !leftOut.has(name)) fresh.add(name);
    }
    if (leftOut.size > 0) increments.set(OVERFLOW_ATTRIBUTE, (increments.get(OVERFLOW_ATTRIBUTE) ?? 0) + leftOut.size);
    return { increments, fresh: [...fresh], leftOut: [...leftOut] };
  }
}
