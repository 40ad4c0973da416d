import * as z from 'zod/mini';
import { ANY } from './access-record.ts';
import { actionSchema } from './action.ts';
import { authenticationSchema } from './authentication.ts';
import { idSchema } from './envelope.ts';
import { issuerSchema } from './issuer.ts';
import { DEFAULT_LATENCY_GOAL_SECONDS } from './latency-goal.ts';
import { type MeshName, SERVICE_PREFIX } from './names.ts';
import { registeredCardSchema } from './registered-card.ts';

// What the stacks of a mesh declare, each in an SSM parameter of its own: create, update, rollback and removal are CloudFormation's.

/** The longest text in a registration: a source, a subject, the value of a claim. */
export const MAX_TEXT_CHARACTERS = 512;

const text = z.string().check(z.minLength(1), z.maxLength(MAX_TEXT_CHARACTERS));

/** A list that is repeated in the access record of each agent, which is one item of DynamoDB. */
const upTo = <Element extends z.ZodMiniType>(count: number, element: Element) => z.array(element).check(z.maxLength(count));

/** What the stack of an agent registers: the JSON value of the SSM parameter {@link registrationName} with the kind `agents`. */
export const agentRegistrationSchema = z.object({
  id: idSchema,
  version: text,
  capabilities: z.array(idSchema),
  /** `AROA...`, which SQS stamps on the messages that the agent sends. */
  roleId: text,
  roleArn: text,
  /** The inbox's name. */
  queue: text,
  /** The agents that it sends to. */
  calls: z.array(idSchema),
  /** The capabilities that it sends to. Agents deployed before that was possible have none. */
  callsCapabilities: z._default(z.array(idSchema), []),
  /** Whether every agent of the mesh may reply to it. Agents deployed before that was possible do not. */
  receivesReplies: z._default(z.boolean(), false),
  /** Batches handled at the same time. Agents deployed before it was registered have the default. */
  concurrency: z._default(z.int().check(z.gte(1)), 10),
  /** The longest that a message should wait. Agents deployed before it was registered have the default. */
  latencyGoalSeconds: z._default(z.int().check(z.gte(1)), DEFAULT_LATENCY_GOAL_SECONDS),
  authentication: authenticationSchema,
  /** By action: the message types that ask for it, and the roles that may do it. */
  actions: z.record(actionSchema, z.object({ types: z.array(text), allow: z.array(idSchema) })),
  /** Agents deployed before there were cards have none. One that cannot be read is none either: it keeps no agent out of the mesh. */
  card: z.optional(
    z.pipe(
      z.unknown(),
      z.transform((card) => registeredCardSchema.safeParse(card).data),
    ),
  ),
});

/** What the stack of an agent registers, see {@link agentRegistrationSchema}. */
export type AgentRegistration = z.output<typeof agentRegistrationSchema>;

/** What the only source of each agent begins with. */
const AGENT_SOURCES = '/agents/';

/** Whether a source is an agent's, or a pattern that matches some of those. `*` alone is no such pattern: it allows every source. */
const isAgents = (source: string): boolean =>
  source.startsWith(AGENT_SOURCES) || (source.length > 1 && source.endsWith(ANY) && AGENT_SOURCES.startsWith(source.slice(0, -1)));

/** An access record has the sources once for each principal id. */
const MAX_REPEATED_CHARACTERS = 16_384;

/**
 * A sender outside the mesh: the JSON value of the SSM parameter {@link registrationName} with the kind `producers`. It has at most 20
 * principal ids and 50 sources. Their characters, times the number of principal ids, come to at most 16,384.
 */
export const producerRegistrationSchema = z
  .object({
    id: idSchema,
    /** `AROA...` of a role, `AIDA...` of a user, or an account's number. */
    principalIds: upTo(20, text),
    /** Of the role or user; needed for tokens that AWS issues to it. */
    arn: z.exactOptional(text),
    sources: upTo(
      50,
      text.check(z.refine((source) => !isAgents(source), 'must be no source of an agent: only agents send as /agents/...')),
    ),
    onBehalfOf: z.boolean(),
  })
  .check(
    z.refine(({ principalIds, sources }) => principalIds.length * sources.join('').length <= MAX_REPEATED_CHARACTERS, {
      path: ['sources'],
      error: `must come to at most ${MAX_REPEATED_CHARACTERS} characters, times the number of principalIds`,
    }),
  );

/** A sender outside the mesh, see {@link producerRegistrationSchema}. */
export type ProducerRegistration = z.output<typeof producerRegistrationSchema>;

/** A member of a role: an agent, a producer, or the holder of a token, by its subject or by one of its claims. */
export const roleMemberSchema = z.union([
  z.object({ agent: idSchema }),
  z.object({ producer: idSchema }),
  z.object({ issuer: idSchema, subject: text }),
  z.object({ issuer: idSchema, claim: z.object({ name: text, value: text }) }),
]);

/** A member of a role, see {@link roleMemberSchema}. */
export type RoleMember = z.output<typeof roleMemberSchema>;

/**
 * A role, its permissions and its members: the JSON value of the SSM parameter {@link registrationName} with the kind `roles`. It names at
 * most 200 agents, 50 actions of each, and 200 members.
 */
export const roleRegistrationSchema = z.object({
  id: idSchema,
  /**
   * Actions by the id of an agent or a service. The agent `*` means all agents and no service, the action `*` all actions except `redrive`.
   */
  permissions: z
    .record(z.union([idSchema, z.literal(ANY)]), upTo(50, z.union([actionSchema, z.literal(ANY)])))
    .check(z.refine((permissions) => Object.keys(permissions).length <= 200, 'must name at most 200 agents')),
  members: upTo(200, roleMemberSchema),
});

/** A role, see {@link roleRegistrationSchema}. */
export type RoleRegistration = z.output<typeof roleRegistrationSchema>;

/**
 * A service of the mesh at which the policy decides who may do what: the JSON value of the SSM parameter {@link registrationName} with the
 * kind `services`. Only the app that owns the mesh has such parameters.
 */
export const serviceRegistrationSchema = z.object({
  id: idSchema.check(z.startsWith(SERVICE_PREFIX, `must begin with ${SERVICE_PREFIX}`)),
});

/** A service of the mesh, see {@link serviceRegistrationSchema}. */
export type ServiceRegistration = z.output<typeof serviceRegistrationSchema>;

/** The schema of each kind of registration. The kind is a part of the parameter's name, see {@link registrationName}. */
export const REGISTRATIONS = {
  agents: agentRegistrationSchema,
  producers: producerRegistrationSchema,
  roles: roleRegistrationSchema,
  issuers: issuerSchema,
  services: serviceRegistrationSchema,
} as const;

/** A kind of registration, a key of {@link REGISTRATIONS}. */
export type RegistrationKind = keyof typeof REGISTRATIONS;

/** The app that owns the mesh: its roles count at every agent, those of another app at its own agents only. */
export const OWNER_APP = 'mesh';

/** The path of all parameters of a mesh. @example registrationPath(meshName()) // '/posthorn/dev/' */
export const registrationPath = ({ prefix, stage }: MeshName): string => `/${prefix}/${stage}/`;

/**
 * The name of a registration's SSM parameter. An app writes under its own name only, which IAM can enforce.
 *
 * @param app `mesh` for the app that owns the mesh, otherwise the setting `appName`, or the agent's id without one
 * @param id of the agent, producer, role, issuer or service
 * @see docs/security.md
 * @example
 * ```ts
 * registrationName(meshName(), 'mesh', 'agents', 'greeting'); // '/posthorn/dev/mesh/agents/greeting'
 * ```
 */
export const registrationName = (mesh: MeshName, app: string, kind: RegistrationKind, id: string): string =>
  `${registrationPath(mesh)}${app}/${kind}/${id}`;

const isKind = (text: string): text is RegistrationKind => Object.hasOwn(REGISTRATIONS, text);

const NAME_FORM = /^\/([a-z][a-z0-9]*)\/([a-z][a-z0-9]*)\/([^/]+)\/([^/]+)\/([^/]+)$/;

/** The parts of a registration's name. */
export interface RegistrationName {
  readonly mesh: MeshName;
  readonly app: string;
  readonly kind: RegistrationKind;
  readonly id: string;
}

/** Reads the name of a registration's SSM parameter; `undefined` for a parameter that registers nothing. */
export function parseRegistrationName(name: string): RegistrationName | undefined {
  const [, prefix = '', stage = '', app = '', kind = '', id = ''] = NAME_FORM.exec(name) ?? [];
  return isKind(kind) ? { mesh: { prefix, stage }, app, kind, id } : undefined;
}

/** What the registry's service logs of each registration that it cannot use: an alarm counts these lines. */
export const IGNORED_MESSAGE = 'a registration of the mesh is ignored';
