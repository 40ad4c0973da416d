import { type AccessRecord, READ_ACTION, ruleFor } from '../../../events/access-record.ts';
import { EDGE_ID } from '../../../events/names.ts';
import type { Clock } from '../../runtime/ports.ts';
import type { AccessCache } from '../../runtime/trust/access-cache.ts';
import { decideCertainly } from '../../runtime/trust/decide-certainly.ts';
import { Refusal } from '../../runtime/trust/refusal.ts';
import { forbidden } from '../../runtime/trust/sender.ts';
import { refused } from '../../runtime/trust/token-refused.ts';
import { issuersOf } from '../../runtime/trust/trusted-issuer.ts';
import type { TokenVerifier } from '../../runtime/trust/verify-token.ts';
import { type Requester, requesterOf } from './requester-of.ts';

/** What a decision about a request needs. */
export interface AuthorizerRuntime {
  /** Of the edge's access record. */
  readonly access: Pick<AccessCache, 'current' | 'certain' | 'idle'>;
  readonly verifier: Pick<TokenVerifier, 'verify'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  /** Of tokens for the edge, e.g. `posthorn-dev/mesh-edge`. */
  readonly audience: string;
}

/** What is decided about a request. `unauthorized`: its token is not valid; `forbidden`: it is, and no rule allows its holder to read. */
export type EdgeDecision =
  | { readonly kind: 'allowed'; readonly requester: Requester; readonly rule: string }
  | { readonly kind: 'forbidden'; readonly requester: Requester; readonly refusal: Refusal }
  | { readonly kind: 'unauthorized'; readonly refusal: Refusal };

/** A process sleeps between requests, and a read that it leaves undone is answered only when it wakes up. */
const MAX_IDLE_MS = 250;

/**
 * Decides whether the holder of a token may read.
 *
 * @param authorization the header, e.g. `Bearer eyJ...`
 * @throws Interrupted when the registry or the issuer's keys cannot be had now: then nobody is let in, and nobody refused
 */
export async function authorize(authorization: string, runtime: AuthorizerRuntime): Promise<EdgeDecision> {
  const { access, verifier, clock, audience } = runtime;
  // Who made the request, as the last decision has it.
  let known: Requester | undefined;
  const decide = async (record: AccessRecord): Promise<EdgeDecision> => {
    known = undefined;
    const token = await verifier.verify(tokenIn(authorization), { audience, sentAt: clock.now(), issuers: issuersOf(record) });
    known = requesterOf(record, token);
    const rule = ruleFor(known, READ_ACTION);
    if (rule === undefined) throw forbidden(known, READ_ACTION, EDGE_ID);
    return { kind: 'allowed', requester: known, rule };
  };
  const decision = await decideCertainly(access, decide);
  await settled(access, clock);
  if (!(decision instanceof Refusal)) return decision;
  return known === undefined ? { kind: 'unauthorized', refusal: decision } : { kind: 'forbidden', requester: known, refusal: decision };
}

/** @throws Refusal `TokenMissing` for another scheme, e.g. `Basic` @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
function tokenIn(authorization: string): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token !== undefined) return token;
  throw refused('TokenMissing', 'the token is missing: send one of a trusted issuer in the header Authorization: Bearer');
}

/** Waits until the next copy of the access record is read, so that the next request is decided on it; but not for long. */
async function settled(access: AuthorizerRuntime['access'], clock: AuthorizerRuntime['clock']): Promise<void> {
  const late = Promise.withResolvers<void>();
  const cancel = clock.after(MAX_IDLE_MS, late.resolve);
  await Promise.race([access.idle(), late.promise]);
  cancel();
}
