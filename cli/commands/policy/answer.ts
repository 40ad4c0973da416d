import {
  type AccessRecord,
  ANY,
  DEFAULT_ACTION,
  knownPrincipal,
  type Principal,
  READ_ACTION,
  REDRIVE_ACTION,
  REPLY_ACTION,
  replyRule,
  ruleFor,
} from '../../../events/access-record.ts';
import { EDGE_ID } from '../../../events/names.ts';
import { actionOf, permissionFor } from '../../../functions/runtime/trust/sender.ts';

/** Whether a sender may do an action at an agent. */
export interface Question {
  /** A name, or the id that SQS stamps. */
  readonly sender: string;
  readonly agent: string;
  /** An action, or a message type of the agent. */
  readonly action: string;
}

/** Whether the sender may, and why. */
export interface Answer {
  readonly allowed: boolean;
  /** The sender's name in the registry; `undefined` for one that is not registered. */
  readonly principal: Principal | undefined;
  /** What was asked for is an action's name, or else a message type, which asks for this action. */
  readonly action: string;
  readonly isType: boolean;
  /** What allows it. */
  readonly rule: string | undefined;
  readonly reason: string;
}

/** Decides as the agent's runtime does. */
export function answerTo({ sender, agent, action: asked }: Question, access: AccessRecord): Answer {
  // There is one action at the REST API, so every question is about that.
  const isEdge = access.agent === EDGE_ID;
  const isType = !isEdge && !actionsOf(access).includes(asked);
  const principal = findSender(access, sender);
  if (principal === undefined) {
    const action = isEdge ? READ_ACTION : isType ? actionOf(access, asked) : asked;
    return { allowed: false, principal, action, isType, rule: undefined, reason: `${sender} is not registered in the mesh` };
  }
  const { action, rule } = isType ? permissionFor(access, principal, asked) : permissionOf(access, principal, isEdge ? READ_ACTION : asked);
  const allowed = rule !== undefined;
  const reason = allowed
    ? `${principal.name} may do '${action}' at '${agent}'`
    : `${principal.name} may not do '${action}' at '${agent}': no rule allows it`;
  return { allowed, principal, action, isType, rule, reason };
}

const permissionOf = (access: AccessRecord, principal: Principal, action: string) => ({
  action,
  rule: ruleFor(principal, action) ?? (action === REPLY_ACTION ? replyRule(access, principal) : undefined),
});

/** The actions that rules allow to a sender. */
export const allowedTo = (access: AccessRecord, sender: Principal): readonly string[] => [
  ...Object.keys(sender.grants),
  ...(replyRule(access, sender) === undefined ? [] : [REPLY_ACTION]),
];

/** Names of the actions of the agent or the REST API. Of one that has no message types, the record has the name only where a rule allows it. */
export function actionsOf(access: AccessRecord): readonly string[] {
  const granted = sendersOf(access).flatMap(({ grants }) => Object.keys(grants));
  const own = access.agent === EDGE_ID ? [READ_ACTION] : [DEFAULT_ACTION, REPLY_ACTION, REDRIVE_ACTION, ANY];
  return [...new Set([...own, ...Object.values(access.actions), ...granted])];
}

/** Everybody that the agent knows, each name once, in alphabetical order. A holder of tokens may have several roles. */
export function sendersOf({ principals, tokenHolders }: AccessRecord): readonly Principal[] {
  const byName = new Map<string, Principal>();
  for (const sender of [...Object.values(principals), ...tokenHolders]) {
    const known = byName.get(sender.name);
    byName.set(sender.name, known === undefined ? sender : { ...known, grants: { ...known.grants, ...sender.grants } });
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

const findSender = (access: AccessRecord, sender: string): Principal | undefined =>
  sendersOf(access).find(({ name }) => name === sender) ?? knownPrincipal(access, sender);
