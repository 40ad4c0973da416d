import {
  type AccessDecision,
  type AccessRecord,
  ANY,
  DEFAULT_ACTION,
  isReply,
  knownPrincipal,
  type Principal,
  principalIdOf,
  REDRIVE_ACTION,
  REPLY_ACTION,
  replyRule,
  ruleFor,
} from '../../../events/access-record.ts';
import type { Envelope } from '../../../events/envelope.ts';
import { Refusal } from './refusal.ts';
import { refused } from './token-refused.ts';
import type { VerifiedToken } from './verified-tokens.ts';

// Who sent a message, and whether that principal may: pure decisions on the agent's access record.

/**
 * Who sent a message: the principal that SQS stamped, or the holder of the token that it presents.
 *
 * @throws Refusal `UnknownSender`, `TokenSenderMismatch`
 */
export function senderOf(access: AccessRecord, senderId: string, token: VerifiedToken | undefined): Principal {
  const principal = principalOf(access, senderId);
  if (token === undefined) return principal;
  const senders = access.issuers.find(({ id }) => id === token.issuerId)?.senders ?? [];
  if (senders === 'subject') {
    if (principal.arn === token.subject) return principal;
    throw refused(
      'TokenSenderMismatch',
      `token claim sub: is not ${principal.name}, which sent the message: send with a token of your own role`,
    );
  }
  if (!senders.includes(principal.name)) {
    throw refused(
      'TokenSenderMismatch',
      `${principal.name} may not present tokens of issuer '${token.issuerId}': add it to the issuer's senders`,
    );
  }
  // An agent keeps its own name and permissions, with tokens of any issuer.
  if (principal.name.startsWith('agent:')) return principal;
  return { ...principal, name: `subject:${token.issuerId} ${token.subject}`, grants: {}, ...holderOf(access, token) };
}

/** What the holder of a token may do. It speaks for the sources of the principal that presents the token. */
function holderOf(access: AccessRecord, token: VerifiedToken): Pick<Principal, 'grants'> | undefined {
  const fitting = holdersOf(access, token);
  return fitting.length === 0 ? undefined : { grants: Object.assign({}, ...fitting.map(({ grants }) => grants)) };
}

/** The entries of an access record that a token has, by its subject or by a claim. */
export const holdersOf = (
  { tokenHolders }: AccessRecord,
  { issuerId, subject, claims }: Pick<VerifiedToken, 'issuerId' | 'subject' | 'claims'>,
): AccessRecord['tokenHolders'] =>
  tokenHolders.filter(
    (holder) =>
      holder.issuer === issuerId && (holder.subject === subject || (holder.claim !== undefined && hasClaim(claims, holder.claim))),
  );

function hasClaim(claims: VerifiedToken['claims'], { name, value }: { readonly name: string; readonly value: string }): boolean {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return claim === value || (Array.isArray(claim) && claim.includes(value));
}

/** The principal that SQS stamped. @throws Refusal `UnknownSender` */
export function principalOf(access: AccessRecord, senderId: string): Principal {
  const principal = knownPrincipal(access, senderId);
  if (principal !== undefined) return principal;
  const id = principalIdOf(senderId);
  throw new Refusal(
    'UnknownSender',
    `the sender ${JSON.stringify(id)} is not registered in the mesh: add its role to the policy's producers`,
  );
}

/** What a decision needs of a message. */
export type Request = Pick<Envelope, 'source' | 'type' | 'authid'> & {
  readonly isRedrive: boolean;
  /** The sender of the original, as the operator states it. */
  readonly originalSenderId?: string | undefined;
};

/**
 * Decides whether a principal may send a message to the agent.
 *
 * @throws Refusal `SourceRefused`, `OnBehalfRefused`, `Forbidden`
 */
export function decideAccess(access: AccessRecord, principal: Principal, request: Request): AccessDecision {
  const { source, type, authid, isRedrive } = request;
  const { action, rule } = isRedrive
    ? { action: REDRIVE_ACTION, rule: ruleFor(principal, REDRIVE_ACTION) }
    : permissionFor(access, principal, type);
  if (rule === undefined) throw forbidden(principal, action, access.agent);
  // An operator sends the messages of others again, as they were.
  if (isRedrive) {
    const original = originalOf(access, request);
    const onBehalfOf = original?.onBehalfOf === true ? authid : undefined;
    const redriven = { principal: original?.name ?? principal.name, action, rule, redrivenBy: principal.name };
    return onBehalfOf === undefined ? redriven : { ...redriven, onBehalfOf };
  }
  refuseOtherSources(principal, source);
  refuseOnBehalf(principal, authid);
  return { principal: principal.name, action, rule, ...(authid !== undefined && { onBehalfOf: authid }) };
}

/**
 * Whoever sends it again, a message is not believed that its original sender could not have sent: nobody has decided about one that SQS
 * moved, and a refusal stays one until the sender is registered.
 */
function originalOf(access: AccessRecord, { originalSenderId, source, authid }: Request): Principal | undefined {
  if (originalSenderId === undefined) return undefined;
  try {
    const original = principalOf(access, originalSenderId);
    // A redrive that was refused for its own token is in the error queue as the operator's. It may be sent again with a valid one.
    if (ruleFor(original, REDRIVE_ACTION) === undefined) refuseOtherSources(original, source);
    refuseOnBehalf(original, authid);
    return original;
  } catch (error) {
    if (error instanceof Refusal) error.concernsOriginal = true;
    throw error;
  }
}

function refuseOnBehalf({ name, onBehalfOf }: Principal, authid: string | undefined): void {
  if (authid === undefined || onBehalfOf) return;
  throw new Refusal(
    'OnBehalfRefused',
    `authid: ${name} may not send on behalf of others: leave it out, or set onBehalfOf for the producer in the policy`,
  );
}

/**
 * Whose permissions a handler asks about: the sender's; of a redriven message, the original sender's as the record names it.
 *
 * @param senderId of the original
 * @param name of the original, see `principal` of an access decision
 * @returns `undefined` when the registry does not know the original sender any more
 */
export function originalSender(access: AccessRecord, senderId: string, name: string): Pick<Principal, 'grants'> | undefined {
  const principal = knownPrincipal(access, senderId);
  if (principal === undefined || !name.startsWith('subject:')) return principal;
  // The token is gone, and with it its claims: only what its subject may do is known.
  return access.tokenHolders.find((holder) => name === `subject:${holder.issuer} ${holder.subject}`);
}

function refuseOtherSources({ name, sources }: Principal, source: string): void {
  if (sources.some((pattern) => covers(pattern, source))) return;
  throw new Refusal(
    'SourceRefused',
    `source: ${JSON.stringify(source)} is not a source of ${name}: add it to its sources, or send as one of them`,
  );
}

export const actionOf = ({ actions }: AccessRecord, type: string): string =>
  (Object.hasOwn(actions, type) ? actions[type] : undefined) ?? DEFAULT_ACTION;

/**
 * The action that a message type asks for, and the rule that allows it to the principal. A reply that its action does not allow asks for
 * `reply`: who may send it anyway needs no further permission.
 */
export function permissionFor(
  access: AccessRecord,
  principal: Principal,
  type: string,
): { readonly action: string; readonly rule: string | undefined } {
  const action = actionOf(access, type);
  const rule = ruleFor(principal, action);
  if (rule !== undefined || !isReply(access, type)) return { action, rule };
  const replying = replyRule(access, principal);
  return replying === undefined ? { action, rule } : { action: REPLY_ACTION, rule: replying };
}

/** The refusal of an action that no rule allows. */
export const forbidden = (principal: Pick<Principal, 'name'>, action: string, agent: string): Refusal =>
  new Refusal(
    'Forbidden',
    `${principal.name} may not do '${action}' at '${agent}': no rule allows it: add the action to a role of the sender in the policy`,
  );

function covers(pattern: string, source: string): boolean {
  return pattern.endsWith(ANY) ? source.startsWith(pattern.slice(0, -1)) : pattern === source;
}
