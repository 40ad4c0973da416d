import * as z from 'zod/mini';
import { issuerSchema } from './issuer.ts';

/** The action of a message whose type no action of its agent names. */
export const DEFAULT_ACTION = 'handle';

/** The action of a message that an operator sends again: each agent has it. */
export const REDRIVE_ACTION = 'redrive';

/**
 * The action of a reply that no other rule allows. Each agent of the mesh may do it at the agents that receive replies, see
 * {@link replyRule}.
 */
export const REPLY_ACTION = 'reply';

/** What the type of a reply ends with. */
export const REPLY_SUFFIX = '.reply';

/** The action of every request to the mesh's REST API. It reads; there is no other. */
export const READ_ACTION = 'read';

/**
 * The SQS message attribute with the sender's token: a JWT of at most 8,192 characters, with or without `Bearer` in front.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export const AUTHORIZATION_ATTRIBUTE = 'authorization';

/** All actions but {@link REDRIVE_ACTION}, in a grant; all sources, in a principal. */
export const ANY = '*';

/** What a principal may do at an agent, as which sources, and whether it may name a user on whose behalf it sends. */
export const principalSchema = z.object({
  /** `agent:<id>`, `producer:<id>` or `subject:<issuer id> <subject>`, for logs and records. */
  name: z.string(),
  /** The values of `source` that are its own: exact, or everything that begins with the text before a final `*`. */
  sources: z.array(z.string()),
  /** Whether it may set the envelope's `authid`. */
  onBehalfOf: z.boolean(),
  /** The role's or user's ARN, which AWS names in the tokens that it issues to it. */
  arn: z.exactOptional(z.string()),
  /** By action, or `*` for all but `redrive`: the rule that allows it, `role:<id>`, `sendsTo` or `calls`. */
  grants: z.record(z.string(), z.string()),
});

/** What a principal may do at an agent, see {@link principalSchema}. */
export type Principal = z.output<typeof principalSchema>;

const tokenHolderShape = {
  issuer: z.string(),
  subject: z.exactOptional(z.string()),
  claim: z.exactOptional(z.object({ name: z.string(), value: z.string() })),
};

/**
 * Who may send what to one agent, or who may use the mesh's REST API (`EDGE_ID`). The registry's table has the record as JSON, in the attribute `value` of the item whose `kind` is
 * `access` and whose `id` is the agent's.
 *
 * @see docs/security.md
 */
export const accessRecordSchema = z.object({
  /** The agent's id, or that of the service. */
  agent: z.string(),
  /** Whether the agent requires a token. @default false */
  needsToken: z.exactOptional(z.boolean()),
  /** By CloudEvents type. A type that is not here has the action {@link DEFAULT_ACTION}. */
  actions: z.record(z.string(), z.string()),
  /** By the id that SQS stamps on a message: `AROA...` of a role, `AIDA...` of a user, an account's number. */
  principals: z.record(z.string(), principalSchema),
  /** Holders of tokens, by the subject or by a claim of an issuer's tokens. A token has the grants of all that match. */
  tokenHolders: z.array(z.extend(principalSchema, tokenHolderShape)),
  issuers: z.array(issuerSchema),
  /** The agents of the mesh that receive replies: every agent may reply to them. Older registries list none. */
  repliesTo: z.exactOptional(z.array(z.string())),
});

/** Who may send to an agent, see {@link accessRecordSchema}. */
export type AccessRecord = z.output<typeof accessRecordSchema>;

/** What the runtime decided about a message's sender. It is a part of the message's ledger record. */
export interface AccessDecision {
  /** The sender's name, e.g. `producer:shop`; of a redriven message, the original sender's. */
  readonly principal: string;
  /** An action of the agent, `handle`, `reply` or `redrive`. */
  readonly action: string;
  /** The rule that allowed the action: `role:<id>`, `sendsTo`, `calls` or `receivesReplies`. */
  readonly rule: string;
  /** The envelope's `authid`, from a sender that may set it. */
  readonly onBehalfOf?: string;
  /** The name of the operator that redrove the message. */
  readonly redrivenBy?: string;
}

/** The id of the role, user or account in a SenderId: without the session of a role. */
export const principalIdOf = (senderId: string): string => senderId.split(':', 1)[0] ?? '';

/** The principal of a SenderId; `undefined` for a sender that is not registered in the mesh. */
export function knownPrincipal({ principals }: Pick<AccessRecord, 'principals'>, senderId: string): Principal | undefined {
  const id = principalIdOf(senderId);
  return Object.hasOwn(principals, id) ? principals[id] : undefined;
}

/**
 * The rule that allows a principal an action; `undefined` when none does. `*` does not include {@link REDRIVE_ACTION}: an operator
 * needs that action by name.
 */
export function ruleFor({ grants }: Pick<Principal, 'grants'>, action: string): string | undefined {
  if (Object.hasOwn(grants, action)) return grants[action];
  return action !== REDRIVE_ACTION && Object.hasOwn(grants, ANY) ? grants[ANY] : undefined;
}

/** The rule that allows {@link REPLY_ACTION}. */
export const REPLY_RULE = 'receivesReplies';

/** Whether every agent of the mesh may reply to the agent of a record. */
export const receivesReplies = ({ agent, repliesTo }: Pick<AccessRecord, 'agent' | 'repliesTo'>): boolean =>
  repliesTo?.includes(agent) === true;

/** The rule that allows a principal {@link REPLY_ACTION}: it is an agent, and that of the record receives replies. */
export const replyRule = (access: Pick<AccessRecord, 'agent' | 'repliesTo'>, { name }: Pick<Principal, 'name'>): string | undefined =>
  receivesReplies(access) && name.startsWith('agent:') ? REPLY_RULE : undefined;

/** Whether a message type asks for {@link REPLY_ACTION}. A type that an action of the agent names asks for that action only. */
export const isReply = ({ actions }: Pick<AccessRecord, 'actions'>, type: string): boolean =>
  type.endsWith(REPLY_SUFFIX) && !Object.hasOwn(actions, type);
