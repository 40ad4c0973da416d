import * as z from 'zod/mini';

/** The options of `posthorn trace`, as commander gives them. */
export const traceFlagsSchema = z.object({
  follow: z.boolean(),
  source: z.optional(z.string()),
});

export type TraceFlags = z.output<typeof traceFlagsSchema>;
