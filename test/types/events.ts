import {
  type AccessDecision,
  type AccessRecord,
  type AgentRegistration,
  type AUTHORIZATION_ATTRIBUTE,
  type AuditLine,
  accessRecordSchema,
  agentRegistrationSchema,
  auditLineSchema,
  type Envelope,
  envelopeSchema,
  type Issuer,
  inboxName,
  issuerSchema,
  type LedgerRecord,
  ledgerRecordSchema,
  type MEMBER_TAG,
  type MeshName,
  meshName,
  type Principal,
  type ProducerRegistration,
  parseEnvelope,
  principalSchema,
  producerRegistrationSchema,
  REGISTRATIONS,
  type RegistrationKind,
  type RoleMember,
  type RoleRegistration,
  registrationName,
  roleMemberSchema,
  roleRegistrationSchema,
  type SENDER_ATTRIBUTE,
  TOKEN_ALGORITHMS,
  type TokenAlgorithm,
} from 'posthorn/events';
import { expectTypeOf } from 'vitest';

expectTypeOf(meshName({ stage: 'prod' })).toEqualTypeOf<MeshName>();
expectTypeOf(inboxName).parameters.toEqualTypeOf<[MeshName, string]>();
expectTypeOf(parseEnvelope('{}')).toEqualTypeOf<Envelope>();
expectTypeOf(envelopeSchema.parse({})).toEqualTypeOf<Envelope>();
expectTypeOf(ledgerRecordSchema.parse({})).toExtend<LedgerRecord>();
expectTypeOf(auditLineSchema.parse({})).toEqualTypeOf<AuditLine>();
// @ts-expect-error -- a name is made by meshName, which checks it
inboxName('posthorn', 'greeting');

// The access record of an agent.
const access = accessRecordSchema.parse({});
expectTypeOf(access).toEqualTypeOf<AccessRecord>();
expectTypeOf(access.agent).toEqualTypeOf<string>();
expectTypeOf(access.needsToken).toEqualTypeOf<boolean | undefined>();
expectTypeOf(access.actions).toEqualTypeOf<Record<string, string>>();
expectTypeOf(access.principals).toEqualTypeOf<Record<string, Principal>>();
expectTypeOf(access.tokenHolders).toExtend<readonly (Principal & { issuer: string; subject?: string })[]>();
expectTypeOf(access.issuers).toEqualTypeOf<Issuer[]>();
const principal = principalSchema.parse({});
expectTypeOf(principal).toEqualTypeOf<Principal>();
expectTypeOf(principal).toEqualTypeOf<{
  name: string;
  sources: string[];
  onBehalfOf: boolean;
  arn?: string;
  grants: Record<string, string>;
}>();
const agent = 'greeting';
// @ts-expect-error -- `needsToken` is absent or a boolean
({ agent, needsToken: undefined, actions: {}, principals: {}, tokenHolders: [], issuers: [] }) satisfies AccessRecord;

// What the ledger keeps of the decision about the sender.
expectTypeOf(ledgerRecordSchema.parse({}).access).toEqualTypeOf<AccessDecision | undefined>();
expectTypeOf<LedgerRecord['access']>().toEqualTypeOf<AccessDecision | undefined>();

// The registrations, as the SSM parameters have them.
expectTypeOf(agentRegistrationSchema.parse({})).toEqualTypeOf<AgentRegistration>();
expectTypeOf<AgentRegistration['authentication']>().toEqualTypeOf<'iam' | 'jwt' | 'none'>();
expectTypeOf<AgentRegistration['actions']>().toEqualTypeOf<Record<string, { types: string[]; allow: string[] }>>();
expectTypeOf(producerRegistrationSchema.parse({})).toEqualTypeOf<ProducerRegistration>();
expectTypeOf<ProducerRegistration>().toEqualTypeOf<{
  id: string;
  principalIds: string[];
  arn?: string;
  sources: string[];
  onBehalfOf: boolean;
}>();
expectTypeOf(roleRegistrationSchema.parse({})).toEqualTypeOf<RoleRegistration>();
expectTypeOf<RoleRegistration['members']>().toEqualTypeOf<RoleMember[]>();
expectTypeOf(roleMemberSchema.parse({})).toEqualTypeOf<
  | { agent: string }
  | { producer: string }
  | { issuer: string; subject: string }
  | { issuer: string; claim: { name: string; value: string } }
>();
const issuer = issuerSchema.parse({});
expectTypeOf(issuer).toEqualTypeOf<Issuer>();
expectTypeOf(issuer.senders).toEqualTypeOf<'subject' | string[]>();
expectTypeOf(issuer.algorithms).toEqualTypeOf<TokenAlgorithm[] | undefined>();
expectTypeOf(issuer.maxAgeSeconds).toEqualTypeOf<number | undefined>();
expectTypeOf(TOKEN_ALGORITHMS[0]).toExtend<TokenAlgorithm>();
// @ts-expect-error -- a key that verifies could sign
'HS256' satisfies TokenAlgorithm;

// Names, and the attributes and the tag that producers set.
expectTypeOf<RegistrationKind>().toEqualTypeOf<'agents' | 'producers' | 'roles' | 'issuers' | 'services'>();
expectTypeOf<keyof typeof REGISTRATIONS>().toEqualTypeOf<RegistrationKind>();
expectTypeOf(REGISTRATIONS.producers.parse({})).toEqualTypeOf<ProducerRegistration>();
expectTypeOf(registrationName(meshName(), 'mesh', 'agents', 'greeting')).toEqualTypeOf<string>();
// @ts-expect-error -- no such kind
registrationName(meshName(), 'mesh', 'agent', 'greeting');
expectTypeOf<typeof AUTHORIZATION_ATTRIBUTE>().toEqualTypeOf<'authorization'>();
expectTypeOf<typeof SENDER_ATTRIBUTE>().toEqualTypeOf<'posthorn-sender'>();
expectTypeOf<typeof MEMBER_TAG>().toEqualTypeOf<'posthorn:mesh'>();
