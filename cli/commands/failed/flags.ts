import * as z from 'zod/mini';

/** The options of `show`, as commander gives them. */
export const showFlagsSchema = z.object({ full: z.boolean(), max: z.number() });

export type ShowFlags = z.output<typeof showFlagsSchema>;

/** The options of `redrive`, as commander gives them. */
export const redriveFlagsSchema = z.object({
  id: z._default(z.array(z.string()), []),
  all: z.boolean(),
  dryRun: z.boolean(),
  yes: z.boolean(),
});

export type RedriveFlags = z.output<typeof redriveFlagsSchema>;
