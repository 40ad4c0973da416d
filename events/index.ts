/**
 * The contract of the mesh: its envelope, its names, its records. For producers, operators and tools that read queues, logs or the
 * ledger. `posthorn/events/envelope.schema.json` is the envelope as JSON Schema, for other languages.
 *
 * @packageDocumentation
 */

export {
  type AccessDecision,
  type AccessRecord,
  AUTHORIZATION_ATTRIBUTE,
  accessRecordSchema,
  type Principal,
  principalSchema,
} from './access-record.ts';
export {
  AUDIT_MESSAGE,
  type AuditFields,
  type AuditLine,
  auditFieldsSchema,
  auditLineSchema,
  type DeliveryStatus,
  deliveryStatusSchema,
} from './audit-line.ts';
export { type ContentReference, contentReferenceSchema } from './content-reference.ts';
export {
  type Envelope,
  envelopeSchema,
  MAX_GENERATION,
  MAX_HOPS,
  MAX_INLINE_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_NESTING,
  type Metadata,
  metadataSchema,
} from './envelope.ts';
export { type Failure, isFailureAttribute, readFailure, SENDER_ATTRIBUTE } from './failure-attributes.ts';
export { type Issuer, issuerSchema, TOKEN_ALGORITHMS, type TokenAlgorithm } from './issuer.ts';
export {
  correlationIdOf,
  JOURNEY_INDEX_NAME,
  journeyKey,
  journeyKeys,
  OPEN_INDEX_NAME,
  openKeys,
  TRACE_INDEX_NAME,
} from './ledger-index.ts';
export {
  type Attempt,
  type Claim,
  type LedgerRecord,
  ledgerRecordSchema,
  messageKey,
  type Outcome,
  type OutgoingMessage,
  type RecordedError,
} from './ledger-record.ts';
export type { MetricsCounter } from './metrics-record.ts';
export type { ModelUsage } from './model-usage.ts';
export {
  agentStackName,
  alertTopicName,
  contentBucketName,
  DEFAULT_PREFIX,
  DEFAULT_STAGE,
  deadLetterQueueName,
  EDGE_ID,
  errorQueueName,
  functionName,
  inboxName,
  ledgerTableName,
  logGroupName,
  MEMBER_TAG,
  type MeshName,
  meshName,
  repliesQueueName,
  stateStackName,
} from './names.ts';
export { InvalidEnvelopeError, parseEnvelope } from './parse-envelope.ts';
export { type RegisteredCard, registeredCardSchema } from './registered-card.ts';
export {
  type AgentRegistration,
  agentRegistrationSchema,
  type ProducerRegistration,
  producerRegistrationSchema,
  REGISTRATIONS,
  type RegistrationKind,
  type RoleMember,
  type RoleRegistration,
  registrationName,
  roleMemberSchema,
  roleRegistrationSchema,
  type ServiceRegistration,
  serviceRegistrationSchema,
} from './registration.ts';
export { registryTableName } from './registry.ts';
