/** Up to where everything is done, of items that are done in any order. Holds only those that come after it. */
export class ProgressMark {
  /** In the order of the input. */
  readonly #underWay = new Map<string, 'begun' | 'done'>();
  #position: string | undefined;

  /** The last item before which, itself included, all are done; `undefined` when the first is not. */
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
