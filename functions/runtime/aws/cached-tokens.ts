import type { Clock, TokenProvider } from '../ports.ts';

/** A token that has less left is not used any more: it must be valid when SQS takes the message. */
const MIN_LEFT_MS = 120_000;

/** A new token, and the time until which it is valid. */
export interface IssuedToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Asks a provider for a token. @throws when it has none now */
export type IssueToken = (audience: string) => Promise<IssuedToken>;

/** Keeps a provider's tokens for as long as they can be used, one for each audience. Messages that need the same one ask once. */
export class CachedTokens implements TokenProvider {
  readonly #issue: IssueToken;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #byAudience = new Map<string, IssuedToken>();
  readonly #asked = new Map<string, Promise<string>>();

  constructor(issue: IssueToken, clock: Pick<Clock, 'now'>) {
    this.#issue = issue;
    this.#clock = clock;
  }

  token(audience: string): Promise<string> {
    const cached = this.#byAudience.get(audience);
    if (cached !== undefined && cached.expiresAt - this.#clock.now() >= MIN_LEFT_MS) return Promise.resolve(cached.token);
    const asked = this.#asked.get(audience) ?? this.#ask(audience).finally(() => this.#asked.delete(audience));
    this.#asked.set(audience, asked);
    return asked;
  }

  async #ask(audience: string): Promise<string> {
    const issued = await this.#issue(audience);
    this.#byAudience.set(audience, issued);
    return issued.token;
  }
}
