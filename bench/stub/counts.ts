import * as z from 'zod';

/** The stub's counts since the last reset. */
export const countsSchema = z.object({
  /** By service and operation, e.g. `dynamodb BatchGetItem`. */
  requests: z.record(z.string(), z.number()),
  /** HTTP requests whole, headers too. */
  receivedBytes: z.number(),
  sentBytes: z.number(),
  /** Segments that reached the port of X-Ray's daemon, which sends them on by itself. */
  datagrams: z.number(),
  datagramBytes: z.number(),
  writeUnits: z.number(),
  readUnits: z.number(),
});

export type Counts = z.output<typeof countsSchema>;

/** @param service every service unless one is named */
export const requestCount = ({ requests }: Counts, service = ''): number =>
  Object.entries(requests).reduce((sum, [name, count]) => (name.startsWith(service) ? sum + count : sum), 0);
