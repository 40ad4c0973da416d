/** Answers by key, each as long as it is fresh. Callers that need an answer at the same time share one request. Errors are not kept. */
export class Remembered<Answer extends object> {
  readonly #answers = new Map<string, Answer>();
  readonly #pending = new Map<string, Promise<Answer>>();
  readonly #ask: (key: string) => Promise<Answer>;
  readonly #isFresh: (answer: Answer) => boolean;

  constructor(ask: (key: string) => Promise<Answer>, isFresh: (answer: Answer) => boolean) {
    this.#ask = ask;
    this.#isFresh = isFresh;
  }

  async get(key: string): Promise<Answer> {
    const known = this.#answers.get(key);
    if (known !== undefined && this.#isFresh(known)) return known;
    const pending = this.#pending.get(key) ?? this.#request(key);
    this.#pending.set(key, pending);
    return pending;
  }

  async #request(key: string): Promise<Answer> {
    try {
      const answer = await this.#ask(key);
      this.#answers.set(key, answer);
      return answer;
    } finally {
      this.#pending.delete(key);
    }
  }
}
