import * as z from 'zod/mini';
import type { Clock, Fetch } from '../ports.ts';
import type { IssuedToken } from './cached-tokens.ts';
import type { ClientOptions } from './client-options.ts';
import type { OidcClient } from './oidc-client.ts';
import { readParameter } from './read-parameter.ts';

const TIMEOUT_MS = 5_000;

/** Where a provider does not say how long its tokens are valid. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
const DEFAULT_LIFETIME_SECONDS = 300;

const answerSchema = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.optional(z.coerce.number()) });

/**
 * Issues tokens by an identity provider, with the client credentials grant. The request names the audience twice, because providers read
 * either `audience` or `resource`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export function oidcTokens(
  { tokenUrl, clientId, secretParameter, scope }: OidcClient,
  { client, clock, fetch }: { readonly client: ClientOptions; readonly clock: Pick<Clock, 'now'>; readonly fetch: Fetch },
): (audience: string) => Promise<IssuedToken> {
  let secret: Promise<string> | undefined;
  return async (audience) => {
    secret ??= readParameter(secretParameter, client).catch((error: unknown) => {
      secret = undefined;
      throw error;
    });
    const body = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: await secret, audience, resource: audience },
      ...(scope !== undefined && { scope }),
    });
    const askedAt = clock.now();
    const response = await fetch(tokenUrl, { method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) {
      // The secret may be a new one.
      secret = undefined;
      await response.body?.cancel();
      throw new Error(`the token endpoint ${new URL(tokenUrl).origin} answered HTTP ${response.status}`);
    }
    const { access_token: token, expires_in = DEFAULT_LIFETIME_SECONDS } = z.parse(answerSchema, await response.json());
    return { token, expiresAt: askedAt + expires_in * 1_000 };
  };
}
