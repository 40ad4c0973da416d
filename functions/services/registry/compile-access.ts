import { type AccessRecord, ANY, type Principal } from '../../../events/access-record.ts';
import { type AgentRegistration, OWNER_APP, type RoleMember, type RoleRegistration } from '../../../events/registration.ts';
import type { Of, Registrations } from './registrations.ts';
import { type Sender, sendersOf } from './senders.ts';

/** A role that a member of it has at one agent. */
interface Granted {
  /** The app that declares the role. */
  readonly app: string;
  readonly member: RoleMember;
  readonly grants: Readonly<Record<string, string>>;
}

/**
 * Makes each agent's access record of everything that is registered: who is in the mesh, and what each may do at this agent. Nobody may
 * do what neither a role nor the sender's own app allows.
 *
 * A role of the app that owns the mesh counts at every agent, a role of another app at that app's agents only; a producer in it is one of
 * the same app. An agent may send to those agents of its own app that its `sendsTo` names.
 *
 * @param senders who is in the record @default everyone who is registered
 */
export function compileAccess(
  agent: Of<AgentRegistration>,
  registered: Registrations,
  senders: readonly Sender[] = sendersOf(registered).senders,
): AccessRecord {
  const { roles, issuers } = registered;
  const granted = roles.filter(({ app }) => app === OWNER_APP || app === agent.app).flatMap((role) => grantsOf(role, agent));
  const grantsTo = (sender: Sender) => Object.assign({}, ...granted.filter((each) => isFor(each, sender)).map(grantsIn));
  const principals = senders.flatMap((sender) => {
    const declared = sender.app === agent.app && sender.calls.includes(agent.id) ? { [ANY]: 'sendsTo' } : {};
    const principal: Principal = { ...sender.principal, grants: { ...declared, ...grantsTo(sender) } };
    return sender.principalIds.map((id) => [id, principal] as const);
  });
  return {
    agent: agent.id,
    ...(agent.authentication === 'jwt' && { needsToken: true }),
    actions: Object.fromEntries(Object.entries(agent.actions).flatMap(([action, { types }]) => types.map((type) => [type, action]))),
    principals: Object.fromEntries(principals),
    tokenHolders: tokenHolders(granted),
    issuers: issuers.filter(({ app }) => app === OWNER_APP || app === agent.app).map(({ app, ...issuer }) => issuer),
  };
}

/** A producer has the roles of its own app only: another app could have its name. */
function isFor({ member, app }: Granted, sender: Sender): boolean {
  if (sender.kind === 'agents') return 'agent' in member && member.agent === sender.id;
  return 'producer' in member && member.producer === sender.id && app === sender.app;
}

const grantsIn = ({ grants }: Granted) => grants;

function grantsOf(role: Of<RoleRegistration>, agent: AgentRegistration): readonly Granted[] {
  const rule = `role:${role.id}`;
  // An agent may be called `constructor`.
  const permissions = new Map(Object.entries(role.permissions));
  const given = [...(permissions.get(agent.id) ?? []), ...(permissions.get(ANY) ?? [])];
  const allowed = Object.entries(agent.actions).flatMap(([action, { allow }]) => (allow.includes(role.id) ? [action] : []));
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
