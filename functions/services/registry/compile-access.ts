import { type AccessRecord, ANY, type Issuer, type Principal } from '../../../events/access-record.ts';
import {
  type AgentRegistration,
  OWNER_APP,
  type ProducerRegistration,
  type RoleMember,
  type RoleRegistration,
} from '../../../events/registration.ts';

/** A registration, and the app that declares it. */
export type Of<Registration> = Registration & { readonly app: string };

/** Everything that is registered in a mesh. */
export interface Registrations {
  readonly agents: readonly Of<AgentRegistration>[];
  readonly producers: readonly Of<ProducerRegistration>[];
  readonly roles: readonly Of<RoleRegistration>[];
  readonly issuers: readonly Of<Issuer>[];
}

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
 * the same app. An agent may send to those agents of its own app that its `sendsTo` names. If two registrations claim one principal, it is
 * the first agent's, or else the first producer's.
 */
export function compileAccess(agent: Of<AgentRegistration>, registered: Registrations): AccessRecord {
  const { agents, producers, roles, issuers } = registered;
  const granted = roles.filter(({ app }) => app === OWNER_APP || app === agent.app).flatMap((role) => grantsOf(role, agent));
  const grantsFor = (has: (member: RoleMember, app: string) => boolean) =>
    Object.assign({}, ...granted.filter(({ member, app }) => has(member, app)).map(grantsIn));
  const principals = new Map<string, Principal>();
  const add = (id: string, principal: Principal) => {
    if (!principals.has(id)) principals.set(id, principal);
  };
  for (const sender of agents) {
    const declared = sender.app === agent.app && sender.calls.includes(agent.id) ? { [ANY]: 'sendsTo' } : {};
    const grants = { ...declared, ...grantsFor((member) => 'agent' in member && member.agent === sender.id) };
    add(sender.roleId, { name: `agent:${sender.id}`, sources: [`/agents/${sender.id}`], onBehalfOf: false, arn: sender.roleArn, grants });
  }
  for (const producer of producers) {
    const grants = grantsFor((member, app) => 'producer' in member && member.producer === producer.id && app === producer.app);
    const { sources, onBehalfOf, arn } = producer;
    const principal = { name: `producer:${producer.id}`, sources, onBehalfOf, grants, ...(arn !== undefined && { arn }) };
    for (const id of producer.principalIds) add(id, principal);
  }
  return {
    agent: agent.id,
    ...(agent.authentication === 'jwt' && { needsToken: true }),
    actions: Object.fromEntries(Object.entries(agent.actions).flatMap(([action, { types }]) => types.map((type) => [type, action]))),
    principals: Object.fromEntries(principals),
    tokenHolders: tokenHolders(granted),
    issuers: issuers.filter(({ app }) => app === OWNER_APP || app === agent.app).map(({ app, ...issuer }) => issuer),
  };
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
