import * as z from 'zod/mini';
import { AUDIT_MESSAGE, auditLineSchema } from '../../../../events/audit-line.ts';
import { type MeshName, meshPrefix } from '../../../../events/names.ts';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';

const thrownSchema = z.object({ name: z.string(), message: z.string() });

/** An agent's audit line: how the delivery of a message ended. */
const deliverySchema = z.pipe(
  auditLineSchema,
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

/** A platform line: a function ended without reporting on its messages. */
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

/** The end of one delivery at an agent. */
export type DeliveryEvent = z.output<typeof deliverySchema>;
/** A function crashed, could not be loaded or ran out of time. Its messages will be redelivered. */
export type FunctionFailure = { readonly time: string; readonly agent: string; readonly failure: string };

/** Reads the end of a delivery, or a function's failure, from a log line. @returns `undefined` for every other line */
export function readLogLine({ stream, text, functionName }: LogLine, mesh: MeshName): DeliveryEvent | FunctionFailure | undefined {
  // Most lines are the agents' own. This test avoids parsing them.
  if (stream !== 'platform') return text.includes(AUDIT_MESSAGE) ? deliverySchema.safeParse(parsed(text)).data : undefined;
  const failed = failureSchema.safeParse(parsed(text)).data;
  if (failed === undefined) return undefined;
  return { ...failed, agent: functionName.replace(`${meshPrefix(mesh)}-`, '') };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
