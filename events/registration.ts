import * as z from 'zod/mini';
import { ANY, issuerSchema } from './access-record.ts';
import { idSchema } from './envelope.ts';
import { type MeshName, meshPrefix } from './names.ts';

// What the stacks of a mesh declare, each in an SSM parameter of its own: create, update, rollback and removal are CloudFormation's.

const text = z.string().check(z.minLength(1), z.maxLength(512));

/** An action of an agent: `process_documents`. */
export const actionSchema = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,47}$/, 'must be 1 to 48 lower-case letters, digits, hyphens and underscores, starting with a letter'));

/** How an agent knows its senders: by what SQS stamps (`iam`), by a token on top (`jwt`), or not at all. */
export const authenticationSchema = z.enum(['iam', 'jwt', 'none']);

/** How agents know their senders: by what SQS stamps (`iam`), by a token on top (`jwt`), or not at all (`none`), which is for emulators. */
export type Authentication = 'iam' | 'jwt' | 'none';

/** What the stack of an agent declares. */
export const agentRegistrationSchema = z.object({
  id: idSchema,
  version: text,
  capabilities: z.array(idSchema),
  /** `AROA...`, which SQS stamps on what the agent sends. */
  roleId: text,
  roleArn: text,
  /** The inbox's name. */
  queue: text,
  /** The agents that it sends to. */
  calls: z.array(idSchema),
  authentication: authenticationSchema,
  /** By action: the message types that ask for it, and the roles that may. */
  actions: z.record(actionSchema, z.object({ types: z.array(text), allow: z.array(idSchema) })),
});

/** What the stack of an agent declares, see {@link agentRegistrationSchema}. */
export type AgentRegistration = z.output<typeof agentRegistrationSchema>;

/** A sender outside the mesh. */
export const producerRegistrationSchema = z.object({
  id: idSchema,
  /** `AROA...` of a role, `AIDA...` of a user, or an account's number. */
  principalIds: z.array(text),
  /** Of the role or user; needed for tokens that AWS issues to it. */
  arn: z.exactOptional(text),
  sources: z.array(text),
  onBehalfOf: z.boolean(),
});

/** A sender outside the mesh, see {@link producerRegistrationSchema}. */
export type ProducerRegistration = z.output<typeof producerRegistrationSchema>;

/** Who has a role: an agent, a producer, or who holds a token with a subject or a claim. */
export const roleMemberSchema = z.union([
  z.object({ agent: idSchema }),
  z.object({ producer: idSchema }),
  z.object({ issuer: idSchema, subject: text }),
  z.object({ issuer: idSchema, claim: z.object({ name: text, value: text }) }),
]);

/** Who has a role, see {@link roleMemberSchema}. */
export type RoleMember = z.output<typeof roleMemberSchema>;

/** A role: what it may do, and who has it. */
export const roleRegistrationSchema = z.object({
  id: idSchema,
  /** Actions by agent id; `*` stands for all agents or all actions. */
  permissions: z.record(z.union([idSchema, z.literal(ANY)]), z.array(z.union([actionSchema, z.literal(ANY)]))),
  members: z.array(roleMemberSchema),
});

/** A role, see {@link roleRegistrationSchema}. */
export type RoleRegistration = z.output<typeof roleRegistrationSchema>;

/** What may be registered, by the folder of its parameter. */
export const REGISTRATIONS = {
  agents: agentRegistrationSchema,
  producers: producerRegistrationSchema,
  roles: roleRegistrationSchema,
  issuers: issuerSchema,
} as const;

/** A kind of registration. */
export type RegistrationKind = keyof typeof REGISTRATIONS;

/** The app that owns the mesh: its roles count at every agent, those of another app at its own agents only. */
export const OWNER_APP = 'mesh';

/** The path of all parameters of a mesh. @example registrationPath(meshName()) // '/posthorn/dev/' */
export const registrationPath = ({ prefix, stage }: MeshName): string => `/${prefix}/${stage}/`;

/**
 * The name of a registration's SSM parameter. An app writes under its own name only, which IAM can enforce.
 *
 * @example registrationName(meshName(), 'mesh', 'agents', 'greeting') // '/posthorn/dev/mesh/agents/greeting'
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

/** The table of the registry. @example registryTableName(meshName()) // 'posthorn-dev-registry' */
export const registryTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-registry`;

/** An item of the registry. Its key is `kind` and `id`. */
export const registryItemSchema = z.object({
  kind: z.enum(['agent', 'access']),
  /** An agent's id. */
  id: z.string(),
  /** Rises with each change, even of an item that was removed and came back: the condition of the next write. */
  revision: z.number(),
  /** JSON: an {@link AgentRegistration}, or the access record of the agent. */
  value: z.string(),
});

/** An item of the registry, see {@link registryItemSchema}. */
export type RegistryItem = z.output<typeof registryItemSchema>;
