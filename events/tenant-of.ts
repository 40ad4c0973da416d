import * as z from 'zod/mini';
import { tenantSchema } from './envelope.ts';

const bodySchema = z.object({ tenant: tenantSchema });

/**
 * The tenant that the body of a message names: the `MessageGroupId` that the message is sent with, which makes its queue a fair one.
 *
 * @returns `undefined` if it names none, and for a body that is not an envelope
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export function tenantOf(body: string): string | undefined {
  // Most bodies name none, and are not parsed.
  if (!body.includes('"tenant"')) return undefined;
  try {
    return bodySchema.safeParse(JSON.parse(body)).data?.tenant;
  } catch {
    return undefined;
  }
}
