import * as z from 'zod/mini';

/** The options of `posthorn stuck`, as commander gives them. */
export const stuckFlagsSchema = z.object({
  /** Milliseconds. */
  olderThan: z.number(),
  agent: z.optional(z.string()),
  max: z.number(),
});

export type StuckFlags = z.output<typeof stuckFlagsSchema>;
