import * as z from 'zod/mini';

/** The options of `posthorn send`, as commander gives them. */
export const sendFlagsSchema = z.object({
  agent: z.optional(z.string()),
  type: z.optional(z.string()),
  tenant: z.optional(z.string()),
  files: z.optional(z.string()),
  failed: z.optional(z.string()),
  validate: z.boolean(),
  concurrency: z.number(),
  inFlight: z.number(),
  rate: z.optional(z.union([z.literal('max'), z.number()])),
});

export type SendFlags = z.output<typeof sendFlagsSchema>;
