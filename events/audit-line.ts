import * as z from 'zod/mini';

/** The log message of the line that each delivery of a message ends with. */
export const AUDIT_MESSAGE = 'message audited';

/** How a delivery ended: with an outcome of the message, to be retried, or as the copy of one that has its outcome already. */
export const deliveryStatusSchema = z.enum(['processed', 'rejected', 'dead-lettered', 'retry', 'duplicate']);

export type DeliveryStatus = z.output<typeof deliveryStatusSchema>;

/**
 * The audit line's fields: sender, message, decision, outcome. Data is never among them. The logger adds
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
  /** The principal that SQS stamped on the message. */
  senderId: z.string(),
  /** Until it is received again. */
  delaySeconds: z.optional(z.number()),
  code: z.optional(z.string()),
  reason: z.optional(z.string()),
  kind: z.optional(z.enum(['permanent', 'transient', 'unknown'])),
  /** What interrupted the delivery, where the message is not at fault. */
  error: z.optional(z.unknown()),
});

export type AuditFields = z.output<typeof auditFieldsSchema>;

/** A whole line, as a reader of the log finds it. */
export const auditLineSchema = z.extend(auditFieldsSchema, {
  message: z.literal(AUDIT_MESSAGE),
  timestamp: z.string(),
  agent: z.string(),
});

export type AuditLine = z.output<typeof auditLineSchema>;
