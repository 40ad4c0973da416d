import type { STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../ports.ts';
import type { IssuedToken } from './cached-tokens.ts';
import type { ClientOptions } from './client-options.ts';
import { REQUEST_LIMITS } from './request-limits.ts';

/** Longer than a message is on its way to SQS, and shorter than the default maximum age. */
const LIFETIME_SECONDS = 900;

/**
 * Issues tokens of the function's own role, by AWS. An account allows that after `aws iam enable-outbound-web-identity-federation`.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export function stsTokens(client: ClientOptions, clock: Pick<Clock, 'now'>): (audience: string) => Promise<IssuedToken> {
  let sts: STSClient | undefined;
  return async (audience) => {
    // Loaded with the first token: an agent that needs none does not pay for it.
    const { GetWebIdentityTokenCommand, STSClient } = await import('@aws-sdk/client-sts');
    sts ??= new STSClient({ ...client, requestHandler: REQUEST_LIMITS });
    const command = new GetWebIdentityTokenCommand({ Audience: [audience], DurationSeconds: LIFETIME_SECONDS, SigningAlgorithm: 'RS256' });
    const { WebIdentityToken, Expiration } = await sts.send(command).catch((cause: unknown) => {
      if (!(cause instanceof Error) || cause.name !== 'OutboundWebIdentityFederationDisabledException') throw cause;
      throw new Error('the account issues no tokens yet: run `aws iam enable-outbound-web-identity-federation`', { cause });
    });
    if (WebIdentityToken === undefined) throw new Error('STS returned no token');
    return { token: WebIdentityToken, expiresAt: Expiration?.getTime() ?? clock.now() + LIFETIME_SECONDS * 1_000 };
  };
}
