import { ANY, DEFAULT_ACTION, READ_ACTION, REDRIVE_ACTION } from '../events/access-record.ts';
import { actionSchema } from '../events/action.ts';
import type { Issuer } from '../events/issuer.ts';
import { EDGE_ID } from '../events/names.ts';
import { MAX_TEXT_CHARACTERS } from '../events/registration.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import type { ParsedPolicy } from './policy-schema.ts';

/**
 * One sentence for each name in a policy that means nothing or two things.
 *
 * @param trusted the policy's issuers; of one that is not valid, the sentence about it
 */
export function policyProblems(policy: ParsedPolicy, trusted: readonly (Issuer | string)[]): readonly string[] {
  const { agents, foreignAgents, producers, roles, bindings } = policy;
  return [
    ...trusted.flatMap((issuer) => (typeof issuer === 'string' ? [issuer] : senderProblems(issuer, policy))),
    ...issuerProblems(trusted.filter((issuer) => typeof issuer !== 'string')),
    ...Object.entries(roles).flatMap(([role, permissions]) => permissionProblems(role, permissions, agents, foreignAgents)),
    ...bindings.flatMap((binding) => bindingProblems(binding, policy)),
    ...agents.flatMap((agent) => allowProblems(agent, Object.keys(roles))),
    ...principalProblems(producers),
  ];
}

const oneOf = (names: readonly string[]): string => (names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`);

function senderProblems(
  { id: issuer, senders }: Issuer,
  { producers, agents, foreignAgents, roles, bindings }: ParsedPolicy,
): readonly string[] {
  if (senders === 'subject') return [];
  const readsEdge = bindings.some((binding) => 'issuer' in binding && binding.issuer === issuer && allowsEdge(roles[binding.role]));
  if (senders.length === 0 && !readsEdge)
    return [`issuers.${issuer}.senders: nobody may present its tokens; name senders, or bind a role with an action at '${EDGE_ID}' to it`];
  const known = [
    ...Object.keys(producers).map((producer) => `producer:${producer}`),
    ...[...agents.map((agent) => agent.id), ...foreignAgents].map((agent) => `agent:${agent}`),
  ];
  return senders
    .filter((sender) => !known.includes(sender))
    .map((sender) => `issuers.${issuer}.senders: there is no '${sender}'; ${oneOf(known)}`);
}

const allowsEdge = (permissions: ParsedPolicy['roles'][string] = {}): boolean => Object.hasOwn(permissions, EDGE_ID);

function permissionProblems(
  role: string,
  permissions: ParsedPolicy['roles'][string],
  agents: readonly AgentDefinition[],
  foreign: readonly string[],
): readonly string[] {
  return Object.entries(permissions).flatMap(([agentId, actions]) => {
    const where = `roles.${role}.${agentId}`;
    if (agentId === EDGE_ID) return unknownActions(where, actions, [READ_ACTION]);
    if (foreign.includes(agentId)) {
      const wrong = actions.filter((action) => action !== ANY && !actionSchema.safeParse(action).success);
      return wrong.map(
        (action) => `${where}: '${action}' is not an action's name: use 1 to 48 lower-case letters, digits, hyphens and underscores`,
      );
    }
    const agent = agents.find((candidate) => candidate.id === agentId);
    if (agent === undefined && agentId !== ANY) {
      return [`${where}: there is no such agent; ${oneOf(agents.map((each) => each.id))}. Name those of other apps in foreignAgents`];
    }
    const known = [ANY, REDRIVE_ACTION, DEFAULT_ACTION, ...Object.keys(agent?.actions ?? {})];
    return unknownActions(where, actions, known);
  });
}

const unknownActions = (where: string, actions: readonly string[], known: readonly string[]): readonly string[] =>
  actions.filter((action) => !known.includes(action)).map((action) => `${where}: there is no action '${action}'; ${oneOf(known)}`);

function bindingProblems(
  binding: ParsedPolicy['bindings'][number],
  { roles, producers, issuers, agents, foreignAgents }: Omit<ParsedPolicy, 'bindings'>,
): readonly string[] {
  const role = Object.hasOwn(roles, binding.role) ? [] : [`bindings: there is no role '${binding.role}'; ${oneOf(Object.keys(roles))}`];
  if ('producer' in binding) {
    if (Object.hasOwn(producers, binding.producer)) return role;
    return [...role, `bindings: there is no producer '${binding.producer}'; ${oneOf(Object.keys(producers))}`];
  }
  if ('issuer' in binding) {
    const texts =
      'claim' in binding ? Object.entries(binding.claim).map(([key, value]) => [`claim.${key}`, value]) : [['subject', binding.subject]];
    const long = texts.filter(([, value = '']) => value.length > MAX_TEXT_CHARACTERS);
    role.push(...long.map(([key]) => `bindings: ${key} of role '${binding.role}' has more than ${MAX_TEXT_CHARACTERS} characters`));
    if (Object.hasOwn(issuers, binding.issuer)) return role;
    return [...role, `bindings: there is no issuer '${binding.issuer}'; ${oneOf(Object.keys(issuers))}`];
  }
  const known = [...agents.map((agent) => agent.id), ...foreignAgents];
  return known.includes(binding.agent) ? role : [...role, `bindings: there is no agent '${binding.agent}'; ${oneOf(known)}`];
}

/** A token has one issuer. */
function issuerProblems(issuers: readonly Issuer[]): readonly string[] {
  return issuers.flatMap((issuer) => {
    const first = issuers.find((other) => other.issuer === issuer.issuer) ?? issuer;
    return first === issuer ? [] : [`issuers.${issuer.id}: '${first.id}' has the same issuer '${issuer.issuer}'; merge the two`];
  });
}

/** A message has one sender. */
function principalProblems(producers: ParsedPolicy['producers']): readonly string[] {
  const all = Object.entries(producers).flatMap(([producer, { principalIds }]) =>
    principalIds.map((principal) => ({ producer, principal })),
  );
  return all.flatMap(({ producer, principal }) => {
    const first = all.find((other) => other.principal === principal)?.producer;
    return first === producer ? [] : [`producers.${producer}: '${first}' has the same principal '${principal}'; merge the two`];
  });
}

function allowProblems({ id: agentId, actions }: AgentDefinition, roles: readonly string[]): readonly string[] {
  return Object.entries(actions).flatMap(([action, { allow = [] } = {}]) =>
    allow
      .filter((role) => !roles.includes(role))
      .map((role) => `agent '${agentId}': actions.${action}.allow names the role '${role}', which is not in the policy; ${oneOf(roles)}`),
  );
}
