import * as z from 'zod/mini';

/** The kind of an endpoint that is an inbox: its URL is that of an SQS queue. */
export const SQS_ENDPOINT = 'sqs';

const capabilityTextSchema = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  examples: z.exactOptional(z.array(z.string())),
});

/** What an agent registers for its card: how it is reached, and what it says of itself. */
export const registeredCardSchema = z.object({
  /** The kind is open: a reader makes no card of one that it does not know. */
  endpoint: z.object({ kind: z.string(), url: z.string() }),
  description: z.string(),
  /** One for each of the registration's `capabilities`, which has their ids, in the same order. */
  capabilities: z.array(capabilityTextSchema),
});

/** What an agent registers for its card, see {@link registeredCardSchema}. */
export type RegisteredCard = z.output<typeof registeredCardSchema>;
