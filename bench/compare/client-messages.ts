import * as z from 'zod/mini';

/** What a client process is told to do: to be timed, or to have its allocations counted. */
export const planSchema = z.object({
  measure: z.enum(['time', 'allocations']),
  bundleFolder: z.string(),
  /** Makes the message ids of this run its own. */
  run: z.string(),
  warmUpBatches: z.int(),
  batches: z.int(),
});

export type Plan = z.output<typeof planSchema>;

export const timedSchema = z.object({ cpuMicros: z.number(), wallMicros: z.number() });

export const allocatedSchema = z.object({ allocatedBytes: z.number() });
