import * as z from 'zod/mini';

/** The options of `posthorn agents find`, as commander gives them. */
export const findFlagsSchema = z.object({
  /** Milliseconds. */
  maxLatency: z.optional(z.number()),
  healthy: z.optional(z.boolean()),
  limit: z.optional(z.number()),
});

export type FindFlags = z.output<typeof findFlagsSchema>;
