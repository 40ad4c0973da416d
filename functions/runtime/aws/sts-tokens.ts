import type { STSClient } from '@aws-sdk/client-sts';
import type { Clock, TokenProvider } from '../ports.ts';
import type { ClientOptions } from './client-options.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

/** Longer than a message is on its way to SQS, and shorter than the default maximum age. */
const LIFETIME_SECONDS = 900;

/** A token that has less left is not used any more. */
const MIN_LEFT_MS = 120_000;

interface Cached {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/**
 * Tokens that AWS issues to the function's own role. An account allows that after
 * `aws iam enable-outbound-web-identity-federation`.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export class StsTokens implements TokenProvider {
  readonly #client: ClientOptions;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #byAudience = new Map<string, Cached>();
  readonly #asked = new Map<string, Promise<string>>();
  #sts: Promise<STSClient> | undefined;

  constructor(client: ClientOptions, clock: Pick<Clock, 'now'>) {
    this.#client = client;
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
    const [{ GetWebIdentityTokenCommand }, sts] = await Promise.all([import('@aws-sdk/client-sts'), this.#stsClient()]);
    const command = new GetWebIdentityTokenCommand({ Audience: [audience], DurationSeconds: LIFETIME_SECONDS, SigningAlgorithm: 'RS256' });
    const { WebIdentityToken, Expiration } = await sts.send(command).catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== 'OutboundWebIdentityFederationDisabledException') throw cause;
      throw new Error('the account issues no tokens yet: run `aws iam enable-outbound-web-identity-federation`', { cause });
    });
    if (WebIdentityToken === undefined) throw new Error('STS gave no token');
    const expiresAt = Expiration?.getTime() ?? this.#clock.now() + LIFETIME_SECONDS * 1_000;
    this.#byAudience.set(audience, { token: WebIdentityToken, expiresAt });
    return WebIdentityToken;
  }

  /** Loaded with the first token: an agent that needs none does not pay for it. */
  #stsClient(): Promise<STSClient> {
    this.#sts ??= import('@aws-sdk/client-sts').then(({ STSClient }) => new STSClient({ ...this.#client, requestHandler: REQUEST_LIMITS }));
    return this.#sts;
  }
}
