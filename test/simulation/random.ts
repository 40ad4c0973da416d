/** A stream of pseudo-random numbers (sfc32): all that a simulated world leaves to chance comes from streams of one seed. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Streams of other names are independent, so that leaving out one kind of fault does not shift every other decision. */
  constructor(seed: number, stream: string) {
    let hash = 2_166_136_261 ^ seed;
    for (const character of stream) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
    this.#a = hash | 0;
    this.#b = Math.imul(seed, 2_654_435_761) | 0;
    this.#c = (seed / 2 ** 32) | 0;
    for (let warmUp = 0; warmUp < 16; warmUp++) this.#next();
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number, both ends included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** Removes a random element: what comes out is in any order. */
  take<Element>(elements: Element[]): Element | undefined {
    const index = this.integer(0, elements.length - 1);
    const taken = elements[index];
    const last = elements.pop();
    if (last !== undefined && index < elements.length) elements[index] = last;
    return taken;
  }

  /** @param weights shares by name */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[];
    let rest = this.fraction() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      rest -= weights[name];
      if (rest < 0) return name;
    }
    throw new RangeError('no weights');
  }

  uuid(): string {
    const hex = this.#hex() + this.#hex() + this.#hex() + this.#hex();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #hex(): string {
    return (this.#next() + 2 ** 32).toString(16).slice(1);
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
