import * as z from 'zod/mini';
import type { LogLine } from '../../infra/local/function-worker.ts';
import { meshPrefix, type Stage } from '../../infra/names.ts';

const thrownSchema = z.object({ name: z.string(), message: z.string() });

/** An agent's audit line: what became of a message. */
const auditSchema = z.pipe(
  z.object({
    message: z.literal('message'),
    timestamp: z.string(),
    agent: z.string(),
    messageId: z.optional(z.string()),
    sqsMessageId: z.optional(z.string()),
    traceId: z.optional(z.string()),
    outcome: z.enum(['processed', 'rejected', 'dead-lettered', 'retry', 'duplicate']),
    failedAttempts: z.number(),
    durationMs: z.number(),
    delaySeconds: z.optional(z.number()),
    code: z.optional(z.string()),
    reason: z.optional(z.string()),
    error: z.optional(z.union([thrownSchema, z.unknown()])),
  }),
  z.transform(({ timestamp, agent, messageId, sqsMessageId, outcome, failedAttempts, durationMs, traceId, delaySeconds, ...why }) => {
    const cause = thrownSchema.safeParse(why.error).data;
    const code = why.code ?? cause?.name;
    const reason = why.reason ?? cause?.message;
    return {
      ...{ time: timestamp, agent, messageId: messageId ?? sqsMessageId, outcome, failedAttempts, durationMs },
      ...{ traceId, delaySeconds, code, reason },
    };
  }),
);

/** A line of the platform: a function ended without a word about its messages. */
const failureSchema = z.union([
  z.pipe(
    z.object({ timestamp: z.string(), level: z.literal('ERROR'), message: z.string() }),
    z.transform(({ timestamp, message }) => ({ time: timestamp, failure: message })),
  ),
  z.pipe(
    z.object({ timestamp: z.string(), message: z.object({ errorType: z.string(), errorMessage: z.string() }) }),
    z.transform(({ timestamp, message }) => ({ time: timestamp, failure: `${message.errorType}: ${message.errorMessage}` })),
  ),
  z.pipe(
    z.object({ time: z.string(), record: z.object({ status: z.literal('timeout'), metrics: z.object({ durationMs: z.number() }) }) }),
    z.transform(({ time, record }) => ({
      time,
      failure: `ran out of time after ${Math.round(record.metrics.durationMs / 1_000)} s`,
    })),
  ),
]);

/** What became of a message at an agent. */
export type MessageNews = z.output<typeof auditSchema>;
/** That a function crashed, could not be loaded or ran out of time; the messages that it had come again. */
export type FailureNews = { readonly time: string; readonly agent: string; readonly failure: string };

/** What a line of a function's log says of its messages; most say nothing. */
export function newsOf({ stream, text, functionName }: LogLine, stage: Stage): MessageNews | FailureNews | undefined {
  // Most lines are the agents' own: not worth being parsed.
  if (stream !== 'platform') return text.includes('"message":"message"') ? auditSchema.safeParse(parsed(text)).data : undefined;
  const failed = failureSchema.safeParse(parsed(text)).data;
  if (failed === undefined) return undefined;
  return { ...failed, agent: functionName.replace(`${meshPrefix(stage)}-`, '') };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
