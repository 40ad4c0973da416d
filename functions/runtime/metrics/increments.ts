/**
 * What is to be added to the attributes of one item. DynamoDB keeps 38 digits of a number, and refuses an addition that needs more: sums
 * here have at most sixteen before the point and nine behind it. What exceeds them is left out.
 */
export class Increments {
  #byAttribute = new Map<string, number>();

  add(attribute: string, increment: number): void {
    const sum = bounded((this.#byAttribute.get(attribute) ?? 0) + increment);
    if (sum !== 0) this.#byAttribute.set(attribute, sum);
  }

  /** Everything so far; from now on there is nothing. */
  take(): ReadonlyMap<string, number> {
    const taken = this.#byAttribute;
    this.#byAttribute = new Map();
    return taken;
  }

  /** Puts back what was taken and not written. */
  putBack(taken: ReadonlyMap<string, number>): void {
    for (const [attribute, increment] of taken) this.add(attribute, increment);
  }
}

const bounded = (sum: number): number => Math.min(Number.MAX_SAFE_INTEGER, Number.isInteger(sum) ? sum : Number(sum.toFixed(9)));
