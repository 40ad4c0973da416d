import type { AccessRecord, Principal } from '../../../events/access-record.ts';
import { holdersOf } from '../../runtime/trust/sender.ts';
import type { VerifiedToken } from '../../runtime/trust/verified-tokens.ts';

/** Who makes a request, and what that one may do. */
export type Requester = Pick<Principal, 'name' | 'grants'>;

/**
 * Who makes a request, by its token alone: nothing stamps a principal on a request as SQS does on a message, so an issuer's list of
 * senders has no meaning here. Where the issuer names roles as subjects, the token is that of the principal with this ARN. It also has the
 * roles that are bound to its subject or to its claims. Grants of several add up; a token that nothing names has none.
 *
 * @see docs/adr/0021-tokens-at-the-edge.md
 */
export function requesterOf(access: AccessRecord, token: Pick<VerifiedToken, 'issuerId' | 'subject' | 'claims'>): Requester {
  const senders = access.issuers.find(({ id }) => id === token.issuerId)?.senders;
  const principals = senders === 'subject' ? Object.values(access.principals).filter(({ arn }) => arn === token.subject) : [];
  const grants = [...holdersOf(access, token), ...principals].map((holder) => holder.grants);
  return { name: principals[0]?.name ?? `subject:${token.issuerId} ${token.subject}`, grants: Object.assign({}, ...grants) };
}
