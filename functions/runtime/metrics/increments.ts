/** What is to be added to the attributes of one item. */
export class Increments {
  #byAttribute = new Map<string, number>();

  add(attribute: string, increment: number): void {
    if (increment !== 0) this.#byAttribute.set(attribute, (this.#byAttribute.get(attribute) ?? 0) + increment);
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
