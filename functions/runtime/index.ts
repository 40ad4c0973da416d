/**
 * What the code of an agent imports: its definition, its context, its errors. Nothing here loads an AWS SDK or the CDK.
 *
 * @packageDocumentation
 */

export type { ContentReference } from '../../events/content-reference.ts';
export type { Envelope, Metadata } from '../../events/envelope.ts';
export type { FoundAgent, FoundFilter } from '../../events/found-agent.ts';
export type { ModelUsage } from '../../events/model-usage.ts';
export type {
  Action,
  AgentDefinition,
  Capability,
  CapabilityTarget,
  Context,
  Message,
  RetryPolicy,
  Sender,
  SendOptions,
} from './agent/agent.ts';
export { type AgentOptions, defineAgent } from './agent/define-agent.ts';
export { defineLocal, type LocalDouble, type LocalOptions, type StartLocal } from './agent/define-local.ts';
export { type Content, content } from './content/content.ts';
export { type Classification, retryAfterSeconds } from './failure/classify.ts';
export { HttpError, MeshError, PermanentError, TransientError } from './failure/errors.ts';
export type { LogFields, Logger } from './ports.ts';
