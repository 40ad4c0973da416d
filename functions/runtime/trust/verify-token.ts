import type { Clock, Fetch, VerifySignature } from '../ports.ts';
import type { KeySet } from './key-set.ts';
import { KeySets, type KeySource } from './key-sets.ts';
import type { JsonObject } from './strict-json.ts';
import { readClaims, requireAudience, type TokenClaims } from './token-claims.ts';
import { readToken, requireToken } from './token-form.ts';
import { readHeader, requireAlgorithm, type TokenHeader } from './token-header.ts';
import { refused } from './token-refused.ts';
import { checkTimes } from './token-times.ts';
import { maxAgeOf, revisionOf, type TrustedIssuer } from './trusted-issuer.ts';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.ts';

/** What a token is verified against. */
export interface TokenUse {
  /** Of the agent that receives the message, or of the REST API, e.g. `posthorn-dev/greeting`. */
  readonly audience: string;
  /** SentTimestamp of the message, or the time of the request; epoch milliseconds. */
  readonly sentAt: number;
  readonly issuers: readonly TrustedIssuer[];
}

/** Verifies the tokens of messages and requests. One a process: it keeps keys and verified tokens. */
export class TokenVerifier {
  readonly #clock: Clock;
  readonly #verifySignature: VerifySignature;
  readonly #keySets: KeySets;
  readonly #verified = new VerifiedTokens();

  constructor(ports: { readonly clock: Clock; readonly fetch: Fetch; readonly verifySignature: VerifySignature }) {
    this.#clock = ports.clock;
    this.#verifySignature = ports.verifySignature;
    this.#keySets = new KeySets(ports);
  }

  /**
   * Resolves only for a token that a trusted issuer signed for this audience and that was valid when its message was sent.
   *
   * @throws PermanentError whose code is a `TokenRefusal`: the message is at fault
   * @throws KeysUnavailable the issuer's keys could not be fetched: the message is not at fault
   * @see https://www.rfc-editor.org/rfc/rfc8725
   */
  async verify(token: string | undefined, use: TokenUse): Promise<VerifiedToken> {
    if (!Number.isSafeInteger(use.sentAt)) throw new TypeError('sentAt must be whole epoch milliseconds');
    const text = requireToken(token);
    const key = VerifiedTokens.keyOf(text);
    return (await this.#lookUp(key, use)) ?? (await this.#verifyAnew(text, key, use));
  }

  /** Neither parses nor verifies. An entry is good for as long as the issuer and its keys are what they were. */
  async #lookUp(key: string, { audience, sentAt, issuers }: TokenUse): Promise<VerifiedToken | undefined> {
    const entry = this.#verified.get(key, audience, this.#clock.now());
    if (entry === undefined) return undefined;
    const issuer = findIssuer(issuers, entry.token.issuer);
    if (issuer !== undefined && revisionOf(issuer) === entry.issuerRevision) {
      const { revision } = await this.#keySets.of(issuer).read();
      if (revision === entry.keysRevision) {
        checkTimes(entry.times, sentAt, maxAgeOf(issuer));
        return entry.token;
      }
    }
    this.#verified.delete(key);
    return undefined;
  }

  async #verifyAnew(text: string, key: string, { audience, sentAt, issuers }: TokenUse): Promise<VerifiedToken> {
    const { header, claims } = readToken(text);
    const read = readHeader(header);
    const required = readClaims(claims);
    const issuer = findIssuer(issuers, required.issuer);
    if (issuer === undefined) {
      throw refused(
        'TokenIssuerUnknown',
        "token claim iss: is not a trusted issuer: add it to the policy's issuers, or use a token of another issuer",
      );
    }
    requireAlgorithm(read.algorithm, issuer);
    requireAudience(required.audiences, audience);
    checkTimes(required, sentAt, maxAgeOf(issuer));
    const keySet = await this.#verifyWith(this.#keySets.of(issuer), text, read, sentAt);
    const token = verifiedToken(issuer.id, required, claims);
    const revisions = { issuerRevision: revisionOf(issuer), keysRevision: keySet.revision };
    this.#verified.set(key, { audience, token, times: required, ...revisions }, this.#clock.now());
    return token;
  }

  /** @returns the key set that has the key */
  async #verifyWith(source: KeySource, text: string, { algorithm, keyId }: TokenHeader, sentAt: number): Promise<KeySet> {
    const keySet = await source.readFor(keyId, sentAt);
    const keys = keySet.keys.get(keyId);
    if (keys === undefined) {
      throw refused('TokenUnknownKey', "token header kid: is not in the issuer's key set: get a token that is signed with a current key");
    }
    await this.#verifySignature(text, keys, algorithm);
    return keySet;
  }
}

const findIssuer = (issuers: readonly TrustedIssuer[], name: string) => issuers.find(({ issuer }) => issuer === name);

const verifiedToken = (issuerId: string, { issuer, subject, tokenId, expiresAt }: TokenClaims, claims: JsonObject): VerifiedToken =>
  Object.freeze({ issuerId, issuer, subject, claims: deepFreeze(claims), tokenId, expiresAt });

/** The claims are JSON, no deeper than `MAX_NESTING`. */
function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
