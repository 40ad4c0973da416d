import * as z from 'zod/mini';

/** The options of `posthorn replies`, as commander gives them. */
export const repliesFlagsSchema = z.object({
  take: z.boolean(),
  follow: z.boolean(),
  full: z.boolean(),
  max: z.optional(z.number()),
});

export type RepliesFlags = z.output<typeof repliesFlagsSchema>;
