import { z } from 'zod';

const responseSchema = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() }).nullish();

/**
 * The messages of a batch that a function's response leaves in the queue. As in Lambda, an empty response (null, no list, an empty
 * list) means complete success. An invalid response, or one that names a message outside the batch, fails the whole batch.
 *
 * @param response the JSON that the handler returned
 * @param messageIds the batch
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failedMessages(response: string, messageIds: readonly string[]): ReadonlySet<string> {
  const everything = new Set(messageIds);
  let value: unknown;
  try {
    value = JSON.parse(response);
  } catch {
    return everything;
  }
  const parsed = responseSchema.safeParse(value);
  if (!parsed.success) return everything;
  const failed = new Set((parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  return [...failed].every((id) => everything.has(id)) ? failed : everything;
}
