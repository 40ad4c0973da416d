import * as z from 'zod/mini';

/** A request to a client process: run for timing, or for counting allocations. */
export const planSchema = z.object({
  measure: z.enum(['time', 'allocations']),
  bundleFolder: z.string(),
  /** Makes the message ids of this run unique. */
  run: z.string(),
  warmUpBatches: z.int(),
  batches: z.int(),
  /** Of ten messages, those in a sampled trace; of ten invocations, those that Lambda samples. @default 1 message, and Lambda traces nothing */
  sampledOfTen: z.optional(z.int()),
});

export type Plan = z.output<typeof planSchema>;

export const timedSchema = z.object({ cpuMicros: z.number(), wallMicros: z.number() });

export const allocatedSchema = z.object({ allocatedBytes: z.number() });
