import { type AccessRecord, AUTHORIZATION_ATTRIBUTE } from '../../../events/access-record.ts';
import { audienceOf } from '../../../events/names.ts';
import type { Delivery } from '../delivery.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { TrustRuntime } from './decide-on.ts';
import { KeysUnavailable } from './keys-unavailable.ts';
import { OUTAGE_BASE_SECONDS } from './outage.ts';
import { issuersOf } from './trusted-issuer.ts';
import type { VerifiedToken } from './verified-tokens.ts';

/**
 * Verifies the token of a message, for the agent that received it, as of the moment it was sent.
 *
 * @throws Refusal whose code is a `TokenRefusal`; Interrupted when the issuer's keys could not be fetched
 */
export async function tokenOf(delivery: Delivery, access: AccessRecord, runtime: TrustRuntime): Promise<VerifiedToken> {
  const { messageAttributes, attributes } = delivery.sqsRecord;
  const use = {
    audience: audienceOf(runtime.settings.meshPrefix, delivery.agent.id),
    sentAt: Number(attributes.SentTimestamp),
    issuers: issuersOf(access),
  };
  try {
    return await runtime.verifier.verify(withoutScheme(messageAttributes[AUTHORIZATION_ATTRIBUTE]?.stringValue), use);
  } catch (error) {
    if (!(error instanceof KeysUnavailable)) throw error;
    throw new Interrupted("the keys of the token's issuer could not be fetched", { cause: error, baseDelaySeconds: OUTAGE_BASE_SECONDS });
  }
}

/** A token may be written as in HTTP. @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const withoutScheme = (authorization: string | undefined): string | undefined => authorization?.replace(/^Bearer +/i, '');
