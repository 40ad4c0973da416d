import * as z from 'zod/mini';
import { secureUrlFault } from '../../../events/secure-url.ts';

/** The form of an {@link OidcClient}. */
export const oidcClientSchema = z.strictObject({
  /** Its token endpoint. */
  tokenUrl: z.string().check(z.refine((uri) => secureUrlFault(uri) === undefined, 'must be an https URL; http is for this machine only')),
  clientId: z.string().check(z.minLength(1)),
  /** The name of the SSM parameter (SecureString) that has the client's secret. */
  secretParameter: z.string().check(z.minLength(1)),
  scope: z.optional(z.string()),
});

/** An identity provider that issues tokens to agents, by the client credentials grant. */
export interface OidcClient {
  /** Its token endpoint. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** The name of the SSM parameter (SecureString) that has the client's secret. */
  readonly secretParameter: string;
  /** @default none */
  readonly scope?: string | undefined;
}
