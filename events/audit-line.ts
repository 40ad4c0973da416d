import * as z from 'zod/mini';

/** The log message of the line that each delivery of a message ends with. */
export const AUDIT_MESSAGE = 'message audited';

/** How a delivery ended: with the message's outcome, with a retry to come, or as a duplicate of a message that has its outcome. */
export const deliveryStatusSchema = z.enum(['processed', 'rejected', 'dead-lettered', 'retry', 'duplicate']);

/** How a delivery ended, see {@link deliveryStatusSchema}. */
export type DeliveryStatus = z.output<typeof deliveryStatusSchema>;

/**
 * The fields of the audit line: who sent what to whom, what was decided, how it ended. The data is never in it. The logger adds
 * `timestamp`, `level`, `service`, `agent` and `version`.
 */
export const auditFieldsSchema = z.object({
  /** The event's id; absent where the body is not an envelope, which has `sqsMessageId` instead. */
  messageId: z.optional(z.string()),
  sqsMessageId: z.optional(z.string()),
  source: z.optional(z.string()),
  type: z.optional(z.string()),
  correlationId: z.optional(z.string()),
  traceId: z.optional(z.string()),
  spanId: z.optional(z.string()),
  outcome: deliveryStatusSchema,
  generation: z.number(),
  /** Of this generation, this delivery's included. */
  failedAttempts: z.number(),
  receiveCount: z.number(),
  /** From the start of the invocation to the end of this delivery. */
  durationMs: z.number(),
  /** The `SenderId` that SQS stamped on the message. */
  senderId: z.string(),
  /** This and the next four: the parts of the `AccessDecision`. Absent if the sender was refused, and with `authentication: 'none'`. */
  principal: z.optional(z.string()),
  action: z.optional(z.string()),
  rule: z.optional(z.string()),
  onBehalfOf: z.optional(z.string()),
  redrivenBy: z.optional(z.string()),
  /** Until it is received again. */
  delaySeconds: z.optional(z.number()),
  code: z.optional(z.string()),
  reason: z.optional(z.string()),
  kind: z.optional(z.enum(['permanent', 'transient', 'unknown'])),
  /** What interrupted the delivery, where the message is not at fault. */
  error: z.optional(z.unknown()),
});

/** The fields of the audit line that the runtime writes. */
export type AuditFields = z.output<typeof auditFieldsSchema>;

/** A whole audit line, as a reader of the log finds it. */
export const auditLineSchema = z.extend(auditFieldsSchema, {
  message: z.literal(AUDIT_MESSAGE),
  timestamp: z.string(),
  agent: z.string(),
});

/** A line of an agent's log that records how one delivery of one message ended. */
export type AuditLine = z.output<typeof auditLineSchema>;
