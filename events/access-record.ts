import * as z from 'zod/mini';

/** The action of a message whose type no action of its agent names. */
export const DEFAULT_ACTION = 'handle';

/** The action of a message that an operator sends again: each agent has it. */
export const REDRIVE_ACTION = 'redrive';

/** The SQS message attribute with the sender's token. */
export const AUTHORIZATION_ATTRIBUTE = 'authorization';

/** All actions but {@link REDRIVE_ACTION}, in a grant; all sources, in a principal. */
export const ANY = '*';

/** What a principal may do at an agent, and who it may speak for. */
export const principalSchema = z.object({
  /** `agent:<id>`, `producer:<id>` or `subject:<issuer> <subject>`, for logs and records. */
  name: z.string(),
  /** The values of `source` that are its own: exact, or everything that begins with the text before a final `*`. */
  sources: z.array(z.string()),
  /** Whether the envelope's `authid` is believed. */
  onBehalfOf: z.boolean(),
  /** The role's or user's ARN, which AWS names in the tokens that it issues to it. */
  arn: z.exactOptional(z.string()),
  /** By action, or `*` for all but `redrive`: the rule that allows it. */
  grants: z.record(z.string(), z.string()),
});

/** What a principal may do at an agent, see {@link principalSchema}. */
export type Principal = z.output<typeof principalSchema>;

/** Asymmetric only: a key that verifies must not be able to sign. @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1 */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const satisfies readonly TokenAlgorithm[];

/** The algorithm of a token's signature. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1 */
export type TokenAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519';

/** A party whose tokens the mesh trusts. */
export const issuerSchema = z.object({
  id: z.string(),
  /** The claim `iss`. */
  issuer: z.string(),
  keys: z.union([z.object({ jwksUri: z.string() }), z.object({ jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) })]),
  /** @default RS256, PS256, ES256, ES384 and EdDSA */
  algorithms: z.exactOptional(z.array(z.enum(TOKEN_ALGORITHMS)).check(z.minLength(1))),
  /** From `iat` to `exp`. @default 3600 */
  maxAgeSeconds: z.exactOptional(z.int().check(z.gte(1), z.lte(86_400))),
  /** Ids of the principals that may present its tokens; `subject`: only the role that the token's subject names. */
  senders: z.union([z.literal('subject'), z.array(z.string())]),
});

/** A party whose tokens the mesh trusts, see {@link issuerSchema}. */
export type Issuer = z.output<typeof issuerSchema>;

const tokenHolderShape = {
  issuer: z.string(),
  subject: z.exactOptional(z.string()),
  claim: z.exactOptional(z.object({ name: z.string(), value: z.string() })),
};

/** Everything that an agent needs to know of who may send to it: one item of the registry, read as a whole. */
export const accessRecordSchema = z.object({
  agent: z.string(),
  /** Whether the agent wants a token. @default false */
  needsToken: z.exactOptional(z.boolean()),
  /** By CloudEvents type. A type that is not here has the action {@link DEFAULT_ACTION}. */
  actions: z.record(z.string(), z.string()),
  /** By the id that SQS stamps on a message: `AROA...` of a role, `AIDA...` of a user, an account's number. */
  principals: z.record(z.string(), principalSchema),
  /** Holders of tokens, by subject or by a claim of its issuer. A token has the grants of all that fit. */
  tokenHolders: z.array(z.extend(principalSchema, tokenHolderShape)),
  issuers: z.array(issuerSchema),
});

/** Who may send to an agent, see {@link accessRecordSchema}. */
export type AccessRecord = z.output<typeof accessRecordSchema>;

/** What the runtime found out about a message's sender; a part of the ledger record. */
export interface AccessDecision {
  /** The principal's name. */
  readonly principal: string;
  readonly action: string;
  /** What allowed it. */
  readonly rule: string;
  /** The envelope's `authid`, where it is believed. */
  readonly onBehalfOf?: string;
  /** The principal that sent the message again; `principal` sent the original. */
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
 * What allows a principal an action; `undefined` when nothing does. All actions do not include {@link REDRIVE_ACTION}: who may send
 * the messages of others again must have that by name.
 */
export function ruleFor({ grants }: Pick<Principal, 'grants'>, action: string): string | undefined {
  if (Object.hasOwn(grants, action)) return grants[action];
  return action !== REDRIVE_ACTION && Object.hasOwn(grants, ANY) ? grants[ANY] : undefined;
}
