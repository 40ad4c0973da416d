import * as z from 'zod/mini';
import * as mini from 'zod/mini';
import { describeIssues } from '../events/describe-issues.ts';
import { type Issuer, issuerSchema, type TokenAlgorithm } from '../events/issuer.ts';
import {
  type ProducerRegistration,
  producerRegistrationSchema,
  type RoleMember,
  type RoleRegistration,
  roleRegistrationSchema,
} from '../events/registration.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { policyProblems } from './policy-problems.ts';
import { type ParsedPolicy, policySchema } from './policy-schema.ts';

/** A sender outside the mesh, known by its IAM role, its user or its account. */
export interface Producer {
  /**
   * Ids that SQS stamps on its messages: `AROA...` of a role, `AIDA...` of a user, or an account's number; 1 to 20. A role of this app has
   * it as `role.roleId`; of another role, `aws iam get-role --role-name NAME --query Role.RoleId` prints it.
   */
  readonly principalIds: readonly string[];
  /** The values of `source` that it may use, 1 to 50: exact, or everything that begins with the text before a final `*`. */
  readonly sources: readonly string[];
  /** Whether it may set `authid`, the user on whose behalf it sends. @default false */
  readonly onBehalfOf?: boolean;
  /** The ARN of the role or user, which it needs to present tokens that AWS issues to it. @default none */
  readonly arn?: string;
}

/**
 * A party whose tokens the mesh trusts.
 *
 * @see docs/security.md
 */
export interface PolicyIssuer<Sender extends string> {
  /** The claim `iss` of its tokens, compared exactly. */
  readonly issuer: string;
  /**
   * Its public keys: the https URL of a key set, or the key set.
   *
   * @see https://www.rfc-editor.org/rfc/rfc7517#section-5
   */
  readonly keys: { readonly jwksUri: string } | { readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } };
  /**
   * The senders that may present its tokens with messages, e.g. `producer:shop`; `[]` for an issuer of tokens for the REST API only.
   * `subject`: only the role or user whose ARN is the token's subject, as in the tokens that AWS issues.
   */
  readonly senders: 'subject' | readonly Sender[];
  /** The algorithms of its signatures. @default RS256, PS256, ES256, ES384, EdDSA, Ed25519 */
  readonly algorithms?: readonly TokenAlgorithm[];
  /** The longest time from a token's `iat` to its `exp`, 1 to 86,400. @default 3600 */
  readonly maxAgeSeconds?: number;
}

/**
 * Actions by agent id. The agent `*` means all agents. The action `*` means all actions except `redrive`, which has to be named.
 * `mesh-edge` is the mesh's REST API, with its one action.
 */
export type Permissions<Agents extends readonly AgentDefinition[], Foreign extends string> = {
  readonly [Id in Agents[number]['id']]?: readonly (
    | (keyof Extract<Agents[number], { readonly id: Id }>['actions'] & string)
    | '*'
    | 'handle'
    | 'redrive'
  )[];
} & { readonly [Id in Foreign]?: readonly string[] } & {
  readonly '*'?: readonly ('*' | 'handle' | 'redrive')[];
  readonly 'mesh-edge'?: readonly 'read'[];
};

/** Gives a role to an agent, to a producer, or to the holders of an issuer's tokens with a subject or a claim. */
export type Binding<Role extends string, Agent extends string, ProducerId extends string, IssuerId extends string = never> = {
  readonly role: Role;
} & (
  | { readonly agent: Agent }
  | { readonly producer: ProducerId }
  | { readonly issuer: IssuerId; readonly subject: string }
  /** The token's claim is the value, or a list that contains it. */
  | { readonly issuer: IssuerId; readonly claim: { readonly name: string; readonly value: string } }
);

/** Options of {@link definePolicy}. */
export interface PolicyOptions<
  Agents extends readonly AgentDefinition[],
  Foreign extends string,
  ProducerId extends string,
  Role extends string,
  IssuerId extends string = never,
> {
  /** The agents of this app: their ids and actions are what the policy may name. */
  readonly agents: Agents;
  /** Ids of agents of other apps that the policy names. @default [] */
  readonly foreignAgents?: readonly Foreign[];
  /** By id. @default {} */
  readonly producers?: { readonly [Id in ProducerId]: Producer };
  /** By id: the issuers whose tokens agents with `authentication: 'jwt'` accept. @default {} */
  readonly issuers?: {
    readonly [Id in IssuerId]: PolicyIssuer<`producer:${NoInfer<ProducerId>}` | `agent:${Agents[number]['id'] | NoInfer<Foreign>}`>;
  };
  /** By id: the actions that each role may do. The definition of an agent may allow its actions to further roles. @default {} */
  readonly roles?: { readonly [Id in Role]: Permissions<Agents, NoInfer<Foreign>> };
  /** The agents, producers and holders of tokens that have the roles. @default [] */
  readonly bindings?: readonly NoInfer<Binding<Role, Agents[number]['id'] | Foreign, ProducerId, IssuerId>>[];
}

/** Who may send to whom: the checked result of {@link definePolicy}, for {@link addMesh} and {@link PolicyStack}. */
export interface Policy {
  readonly producers: readonly ProducerRegistration[];
  /** With their members, from the bindings. */
  readonly roles: readonly RoleRegistration[];
  readonly issuers: readonly Issuer[];
  /** Ids of agents of other apps. Synth cannot check their actions. */
  readonly foreignAgents: readonly string[];
}

/**
 * Defines who may send to whom. Without a policy, only the agents of one app send to each other, by `sendsTo`. A policy adds producers
 * and roles; agents refuse every other message.
 *
 * @returns the policy with its defaults filled in
 * @throws TypeError naming each unknown option, id, role and action, and each bad value
 * @see docs/security.md
 * @example
 * ```ts
 * import greeting from '../agents/greeting/agent.ts';
 *
 * const policy = definePolicy({
 *   agents: [greeting],
 *   producers: { shop: { principalIds: ['AROAEXAMPLEID'], sources: ['https://shop.example.com/*'] } },
 *   roles: { customer: { greeting: ['handle'] } },
 *   bindings: [{ role: 'customer', producer: 'shop' }],
 * });
 * ```
 */
export function definePolicy<
  const Agents extends readonly AgentDefinition[],
  const Foreign extends string = never,
  const ProducerId extends string = never,
  const Role extends string = never,
  const IssuerId extends string = never,
>(options: PolicyOptions<Agents, Foreign, ProducerId, Role, IssuerId>): Policy {
  const parsed = policySchema.safeParse(options);
  if (!parsed.success) throw new TypeError(`policy: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
  const { foreignAgents, producers, issuers, roles, bindings } = parsed.data;
  const trusted = Object.entries(issuers).map(([issuer, rest]) => trustedIssuer(issuer, rest));
  refuse(policyProblems(parsed.data, trusted));
  const policy: Policy = {
    producers: Object.entries(producers).map(([producer, rest]) => ({ id: producer, ...rest })),
    roles: Object.entries(roles).map(([role, permissions]) => ({ id: role, permissions, members: membersOf(role, bindings) })),
    issuers: trusted.filter((issuer) => typeof issuer !== 'string'),
    foreignAgents,
  };
  refuse([
    ...policy.producers.flatMap((producer) => formProblems('producers', producer, producerRegistrationSchema)),
    ...policy.roles.flatMap((role) => formProblems('roles', role, roleRegistrationSchema)),
  ]);
  return policy;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new TypeError(problems.map((problem) => `policy: ${problem}`).join('\n'));
}

/** The registry ignores registrations without this form. */
function formProblems(kind: string, registration: { readonly id: string }, schema: z.core.$ZodType): readonly string[] {
  const { error } = z.safeParse(schema, registration);
  return error === undefined ? [] : [`${kind}.${registration.id}: ${describeIssues(error, registration)}`];
}

const membersOf = (role: string, bindings: ParsedPolicy['bindings']): RoleMember[] =>
  bindings.filter((binding) => binding.role === role).map(({ role: _, ...member }) => member);

const strictIssuerSchema = mini.strictObject(issuerSchema.shape);

/** @returns the problem of one that is not valid */
function trustedIssuer(issuer: string, given: ParsedPolicy['issuers'][string]): Issuer | string {
  const value = { ...given, id: issuer };
  const parsed = strictIssuerSchema.safeParse(value);
  return parsed.success ? parsed.data : `issuers.${issuer}: ${describeIssues(parsed.error, value)}`;
}
