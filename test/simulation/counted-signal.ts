/** A signal, and how many listen to it. */
export class CountedSignal {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #listeners = new Set<unknown>();

  constructor() {
    const { signal } = this;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...call: Parameters<typeof add>) => {
      this.#listeners.add(call[1]);
      add(...call);
    };
    signal.removeEventListener = (...call: Parameters<typeof remove>) => {
      this.#listeners.delete(call[1]);
      remove(...call);
    };
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
    // Each is called once.
    this.#listeners.clear();
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}
