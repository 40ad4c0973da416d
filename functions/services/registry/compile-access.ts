import { type AccessRecord, ANY, type Principal } from '../../../events/access-record.ts';
import {
  type AgentRegistration,
  OWNER_APP,
  type RoleMember,
  type RoleRegistration,
  type ServiceRegistration,
} from '../../../events/registration.ts';
import type { Of, Registrations } from './registrations.ts';
import { type Sender, sendersOf } from './senders.ts';

/** Whom an access record is for: an agent, or a service of the mesh. */
export type Target = Pick<Of<AgentRegistration>, 'app' | 'id' | 'capabilities' | 'authentication' | 'actions'> & {
  readonly isService?: true;
};

/** A service as the target of requests, each of which has a token. */
export const serviceAsTarget = ({ app, id }: Of<ServiceRegistration>): Target => ({
  ...{ app, id, capabilities: [], authentication: 'jwt', actions: {} },
  isService: true,
});

/** A role that a member of it has at one target. */
interface Granted {
  /** The app that declares the role. */
  readonly app: string;
  readonly member: RoleMember;
  readonly grants: Readonly<Record<string, string>>;
}

/**
 * Makes the access record of an agent or a service of everything that is registered: who is in the mesh, and what each may do there. Nobody
 * may do what neither a role nor the sender's own app allows.
 *
 * A role of the app that owns the mesh counts at every agent, a role of another app at that app's agents only; a producer in it is one of
 * the same app. An agent may send to those agents of its own app that its `sendsTo` names, or that offer a capability which its `calls`
 * names. Every agent may reply to those that receive replies, of any app. At a service counts only what a role allows at this service by
 * name.
 *
 * @param senders who is in the record @default everyone who is registered
 */
export function compileAccess(
  target: Target,
  registered: Registrations,
  senders: readonly Sender[] = sendersOf(registered).senders,
): AccessRecord {
  const { roles, issuers } = registered;
  const repliesTo = registered.agents
    .filter(({ receivesReplies }) => receivesReplies)
    .map(({ id }) => id)
    .sort();
  const granted = roles.filter(({ app }) => app === OWNER_APP || app === target.app).flatMap((role) => grantsOf(role, target));
  const grantsTo = (sender: Sender) => Object.assign({}, ...granted.filter((each) => isFor(each, sender)).map(grantsIn));
  const principals = senders.flatMap((sender) => {
    const principal: Principal = { ...sender.principal, grants: { ...declaredGrants(sender, target), ...grantsTo(sender) } };
    return sender.principalIds.map((id) => [id, principal] as const);
  });
  return {
    agent: target.id,
    ...(target.authentication === 'jwt' && { needsToken: true }),
    actions: Object.fromEntries(Object.entries(target.actions).flatMap(([action, { types }]) => types.map((type) => [type, action]))),
    principals: Object.fromEntries(principals),
    tokenHolders: tokenHolders(granted),
    issuers: issuers.filter(({ app }) => app === OWNER_APP || app === target.app).map(({ app, ...issuer }) => issuer),
    ...(target.isService !== true && repliesTo.length > 0 && { repliesTo }),
  };
}

/** What the definitions of an app's own agents say. */
function declaredGrants(sender: Sender, target: Target): Readonly<Record<string, string>> {
  if (target.isService === true || sender.app !== target.app) return {};
  if (sender.calls.includes(target.id)) return { [ANY]: 'sendsTo' };
  return sender.callsCapabilities.some((capability) => target.capabilities.includes(capability)) ? { [ANY]: 'calls' } : {};
}

/** A producer has the roles of its own app only: another app could have its name. */
function isFor({ member, app }: Granted, sender: Sender): boolean {
  if (sender.kind === 'agents') return 'agent' in member && member.agent === sender.id;
  return 'producer' in member && member.producer === sender.id && app === sender.app;
}

const grantsIn = ({ grants }: Granted) => grants;

function grantsOf(role: Of<RoleRegistration>, target: Target): readonly Granted[] {
  const rule = `role:${role.id}`;
  // An agent may be called `constructor`.
  const permissions = new Map(Object.entries(role.permissions));
  const given = [...(permissions.get(target.id) ?? []), ...(target.isService ? [] : (permissions.get(ANY) ?? []))];
  const allowed = Object.entries(target.actions).flatMap(([action, { allow }]) => (allow.includes(role.id) ? [action] : []));
  const grants = Object.fromEntries([...given, ...allowed].map((action) => [action, rule]));
  return Object.keys(grants).length === 0 ? [] : role.members.map((member) => ({ app: role.app, member, grants }));
}

/** Holders of tokens have no source of their own: their principal, which presents the token, has. */
function tokenHolders(granted: readonly Granted[]): AccessRecord['tokenHolders'] {
  return granted.flatMap(({ member, grants }) => {
    if (!('issuer' in member)) return [];
    const who = 'subject' in member ? member.subject : `${member.claim.name}=${member.claim.value}`;
    return [{ ...member, name: `subject:${member.issuer} ${who}`, sources: [], onBehalfOf: false, grants }];
  });
}
