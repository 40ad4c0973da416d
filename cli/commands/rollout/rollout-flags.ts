import * as z from 'zod/mini';

/** The options of `posthorn rollout`, as commander gives them. */
export const rolloutFlagsSchema = z.object({ to: z.string(), share: z.number() });

export type RolloutFlags = z.output<typeof rolloutFlagsSchema>;
