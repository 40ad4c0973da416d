import type { Clock, Fetch } from '../ports.ts';
import { fetchKeySet } from './fetch-key-set.ts';
import type { KeySet } from './key-set.ts';
import { KeysUnavailable } from './keys-unavailable.ts';

/** A key that the issuer removes is accepted for so long yet. */
const FRESH_MS = 600_000;

/** How long the last good keys are used while the issuer does not answer. */
const KEPT_MS = 86_400_000;

/** Limits the requests to an issuer, whatever tokens arrive. */
const COOLDOWN_MS = 30_000;

/** The key set at one address: kept while it is fresh, and longer while the address does not answer. */
export class RemoteKeySet {
  readonly #uri: string;
  readonly #ports: { readonly fetch: Fetch; readonly clock: Clock };
  /** Its time is that at which it was asked for: the answer may be no newer. */
  #last: { readonly keySet: KeySet; readonly fetchedAt: number } | undefined;
  #fetching: Promise<KeySet> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;

  constructor(uri: string, ports: { readonly fetch: Fetch; readonly clock: Clock }) {
    this.#uri = uri;
    this.#ports = ports;
  }

  /** The keys as they are known now. @throws KeysUnavailable when there are none, or none of the last 24 hours */
  async read(): Promise<KeySet> {
    const now = this.#ports.clock.now();
    if (this.#last !== undefined && now - this.#last.fetchedAt < FRESH_MS) return this.#last.keySet;
    try {
      return await this.#fetchOnce();
    } catch (error) {
      if (this.#last !== undefined && now - this.#last.fetchedAt < KEPT_MS) return this.#last.keySet;
      throw error;
    }
  }

  /**
   * The keys for a token: a set that has its key, or that was asked for after the token was sent.
   *
   * @throws KeysUnavailable when the address does not answer, or was asked a moment ago, before the token was sent
   */
  async readFor(keyId: string, sentAt: number): Promise<KeySet> {
    let keySet = await this.read();
    if (keySet.keys.has(keyId)) return keySet;
    const hasJustAnswered = this.#fetching === undefined && this.#failure === undefined && this.#isCoolingDown();
    if (!hasJustAnswered) keySet = await this.#fetchOnce();
    // Another token may have begun the fetch before this one's key was published.
    if (keySet.keys.has(keyId) || (this.#last !== undefined && this.#last.fetchedAt >= sentAt)) return keySet;
    throw this.#unavailable(new Error('the last fetch began before the message was sent, and the next one is not due yet'));
  }

  #fetchOnce(): Promise<KeySet> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#isCoolingDown()) return Promise.reject(this.#unavailable(this.#failure));
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<KeySet> {
    const askedAt = this.#ports.clock.now();
    this.#askedAt = askedAt;
    this.#failure = undefined;
    try {
      const fetched = await fetchKeySet(this.#uri, this.#ports);
      // The same keys again keep what was made of them.
      const keySet = this.#last?.keySet.revision === fetched.revision ? this.#last.keySet : fetched;
      this.#last = { keySet, fetchedAt: askedAt };
      return keySet;
    } catch (cause) {
      this.#failure = cause;
      throw this.#unavailable(cause);
    }
  }

  #isCoolingDown(): boolean {
    return this.#ports.clock.now() - this.#askedAt < COOLDOWN_MS;
  }

  #unavailable(cause: unknown): KeysUnavailable {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new KeysUnavailable(`the key set at ${shownUri(this.#uri)} could not be fetched (${why})`, { cause });
  }
}

/** For messages: without the query, which may be secret. */
function shownUri(uri: string): string {
  const url = URL.parse(uri);
  return url === null ? 'no URL' : `${url.origin}${url.pathname}`;
}
