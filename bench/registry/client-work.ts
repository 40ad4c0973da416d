import * as z from 'zod';

/** What the process that finds agents is asked to do, again and again. */
export const workSchema = z.object({
  what: z.enum([
    /** `MeshClient.findAgents`, with a range of versions. */
    'find',
    /** The first message of a process to a capability: it reads the offers and chooses one. */
    'cold',
    /** A message to a capability, of a process that has read the offers. */
    'pick',
    /** The same with a range of versions and a latency. */
    'pick-range',
    /** Messages of one process, a thousand in each second of its clock. */
    'load',
  ]),
  capability: z.string(),
  times: z.number(),
});

export type Work = z.output<typeof workSchema>;

/** For one of the `times`. */
export const timesSchema = z.object({ cpuMicros: z.number(), wallMicros: z.number() });

export type Times = z.output<typeof timesSchema>;
