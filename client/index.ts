/**
 * A mesh from outside: send to its agents, follow journeys, read replies, look at failed messages and redrive them, pause agents.
 *
 * @packageDocumentation
 */
export type { OfferQuery } from '../events/find-offers.ts';
export type { FoundAgent, FoundFilter } from '../events/found-agent.ts';
export type { Downstream, LoadReading } from '../events/load-reading.ts';
export type { Measured, Rollout } from '../events/rollout.ts';
export type { AgentCard, AgentInterface, AgentSkill, SecurityScheme } from './agents/agent-card.ts';
export type { AgentDetails, DescribedCapability } from './agents/agent-details.ts';
export type { AgentSummary, OfferedCapability } from './agents/agent-summary.ts';
export type { ClaimCheck, ContentBucket } from './content-bucket.ts';
export type { FindOptions } from './discovery/find-agents.ts';
export {
  AccessDeniedError,
  BackpressureError,
  ContentUnavailableError,
  InvalidEventError,
  InvalidOptionsError,
  InvalidQueryError,
  LoadUnreadableError,
  MeshClientError,
  MissingQueueError,
  MissingTableError,
  NoAgentsError,
  NoCardError,
  NoMappingError,
  NoTokenError,
  NotOfferedError,
  NotRedrivableError,
  NotSentError,
  ProducerClosedError,
  RegistryError,
  RolloutError,
  UnknownAgentError,
} from './errors.ts';
export { type FailedMessage, hasId } from './failed/failed-message.ts';
export type { FailedMessages } from './failed/failed-messages.ts';
export type { FailedOptions } from './failed/failed-options.ts';
export type { RedriveOptions, RedriveResult } from './failed/redrive.ts';
export type { InboxState } from './inbox/inbox-state.ts';
export type { Hop, HopState } from './journeys/hop.ts';
export type { JourneyOptions } from './journeys/journey.ts';
export { JourneySummary } from './journeys/journey-summary.ts';
export type { OutboxMessage } from './journeys/outbox-message.ts';
export type { StuckMessage, StuckOptions } from './journeys/stuck.ts';
export type { AgentMapping } from './mapping/agent-mappings.ts';
export type { MappingState } from './mapping/mapping-state.ts';
export type { SwitchOptions } from './mapping/switch-options.ts';
export { MeshClient } from './mesh-client.ts';
export type { MeshClientOptions } from './mesh-client-options.ts';
export type { AgentMetrics, Quantiles } from './metrics/agent-metrics.ts';
export type { WantedCapability } from './producer/capability-targets.ts';
export { createProducer } from './producer/create-producer.ts';
export type { MeshProducer, ProducerTarget } from './producer/mesh-producer.ts';
export type {
  EndOptions,
  MetricCallback,
  ProduceManyOptions,
  ProduceOptions,
  ProducerMeter,
  ProducerOptions,
} from './producer/producer-options.ts';
export type { TargetState } from './producer/target-state.ts';
export type { QueueDepth } from './queues/queue-depth.ts';
export type { FailedQueueKind, QueueKind } from './queues/queue-kind.ts';
export type { Replies, RepliesOptions } from './replies/replies.ts';
export type { Reply } from './replies/reply.ts';
export type { Draining, DrainOptions } from './rollouts/drain-agent.ts';
export type { Rollouts } from './rollouts/rollouts.ts';
export type { RolloutOptions } from './rollouts/start-rollout.ts';
export { type EventIdentity, type PreparedMessage, type PrepareOptions, prepareBody } from './send/prepare-event.ts';
export type { SendResult } from './send/send-each.ts';
export type { SendManyOptions } from './send/send-many-options.ts';
export type { SentEvent } from './send/sent-event.ts';
