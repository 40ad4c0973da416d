/** Names of the spans that the mesh exports. @see docs/tracing.md */
export const SPAN_NAMES = {
  /** One delivery of a message. @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#span-name */
  process: (queueName: string) => `process ${queueName}`,
  /** One message that is sent. */
  send: (queueName: string) => `send ${queueName}`,
  readLedger: 'read ledger',
  claim: 'claim',
  readContent: 'read content',
  /** The agent's own function. */
  handle: 'handle',
  commit: 'commit',
  /** The record of a failure, and its copy to the error or dead-letter queue. */
  fail: 'record failure',
} as const;

/**
 * Names of the attributes of these spans.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/sqs/
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-agent-spans/
 */
export const SPAN_ATTRIBUTES = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  /** The id of the event: SQS's own one changes when a message is redriven. */
  messageId: 'messaging.message.id',
  conversationId: 'messaging.message.conversation_id',
  bodySize: 'messaging.message.body.size',
  eventSource: 'cloudevents.event_source',
  eventType: 'cloudevents.event_type',
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  /** The code of the failure, e.g. `ValidationError`. */
  errorType: 'error.type',
  /** One of `DeliveryStatus`. */
  outcome: 'posthorn.outcome',
  /** Failed attempts of this generation, this delivery's included. */
  failedAttempts: 'posthorn.failed_attempts',
  receiveCount: 'posthorn.receive_count',
  generation: 'posthorn.generation',
  /** The id that SQS gave to the message. */
  sqsMessageId: 'posthorn.sqs_message_id',
} as const;

/** The value of `messaging.system`. */
export const MESSAGING_SYSTEM = 'aws_sqs';
