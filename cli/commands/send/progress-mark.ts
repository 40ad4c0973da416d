/** Tracks the position up to which all items are done, though items finish in any order. It holds only the items after that position. */
export class ProgressMark {
  /** In the order of the input. */
  readonly #underWay = new Map<string, 'begun' | 'done'>();
  #position: string | undefined;

  /** The last item up to which all are done; `undefined` while the first is not done. */
  get position(): string | undefined {
    return this.#position;
  }

  begin(position: string): void {
    this.#underWay.set(position, 'begun');
  }

  done(position: string): void {
    this.#underWay.set(position, 'done');
    for (const [first, state] of this.#underWay) {
      if (state !== 'done') return;
      this.#underWay.delete(first);
      this.#position = first;
    }
  }
}
