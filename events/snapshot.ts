import * as z from 'zod/mini';
import { type LoadReading, loadReadingSchema } from './load-reading.ts';
import { type MetricsTotals, metricsTotalsSchema, totalsSince } from './metrics-record.ts';
import { type OfferHealth, offerHealthSchema } from './offer.ts';

// What the probe makes of the metrics records, again and again.

/** The value of `series` of the items with each agent's latest snapshot. Their `entry` is the agent's id. No agent has this id. */
export const LATEST_SERIES = '#latest';

/** How long a snapshot is kept. */
export const SNAPSHOT_RETENTION_MS = 86_400_000;

/** Rates and quantiles are those of the last minutes: so much of the totals' history. */
export const WINDOW_MS = 300_000;

/** What the probe logs of an agent that has left the mesh while its queues held messages: an alarm counts these lines. */
export const LEFT_MESSAGES_MESSAGE = 'an agent has left the mesh, and its queues held messages';

const depthSchema = z.object({
  /** Can be received now. */
  visible: z.number(),
  /** Received and not yet deleted or given back. */
  inFlight: z.number(),
  /** Become visible later. */
  delayed: z.number(),
});

/** The state of an agent at one moment, see {@link Snapshot}. */
export const snapshotSchema = z.object({
  agent: z.string(),
  version: z.string(),
  /** Epoch milliseconds. */
  at: z.number(),
  /** The probe takes the next one after so long. Absent in snapshots of older versions: see {@link intervalSecondsOf}. */
  intervalSeconds: z.optional(z.number()),
  /** Batches that it may handle at the same time. */
  concurrency: z.number(),
  /** Items of its metrics record. */
  shards: z.number(),
  totals: metricsTotalsSchema,
  own: z.object({
    counters: z.record(z.string(), z.number()),
    timers: z.record(z.string(), z.object({ count: z.number(), sumMs: z.number() })),
    models: z._default(
      z.record(
        z.string(),
        z.object({
          inputTokens: z.number(),
          outputTokens: z.number(),
          wastedInputTokens: z.number(),
          wastedOutputTokens: z.number(),
        }),
      ),
      {},
    ),
    overflow: z.number(),
  }),
  /** Its event source mapping is switched off: its messages wait. Absent where that is not known. */
  isPaused: z.optional(z.boolean()),
  /** SQS's counts are approximate, and may be late by a minute. */
  queues: z.object({ inbox: depthSchema, errors: depthSchema, deadLetters: depthSchema }),
});

/** The state of an agent at one moment: its totals since it was first deployed, and what its queues hold. */
export type Snapshot = Omit<z.output<typeof snapshotSchema>, 'totals'> & { readonly totals: MetricsTotals };

/** Of snapshots that do not say after how long the next one is taken. */
export const DEFAULT_INTERVAL_SECONDS = 60;

/** How long after a snapshot the probe takes the next one. */
export const intervalSecondsOf = ({ intervalSeconds }: Snapshot): number => intervalSeconds ?? DEFAULT_INTERVAL_SECONDS;

/** An agent's latest snapshot, the one with which its window began, how the agent does, and how busy it is. */
export const latestSnapshotSchema = z.object({
  now: snapshotSchema,
  before: z.optional(snapshotSchema),
  health: z.optional(offerHealthSchema),
  /** One of another form, of a newer probe in the middle of a rollback, hides no snapshot. */
  load: z.optional(
    z.pipe(
      z.unknown(),
      z.transform((load) => loadReadingSchema.safeParse(load).data),
    ),
  ),
});

/** An agent's latest snapshot, see {@link latestSnapshotSchema}. `before` is `undefined` while there is only one. */
export interface LatestSnapshot {
  readonly now: Snapshot;
  readonly before?: Snapshot | undefined;
  readonly health?: OfferHealth | undefined;
  /** `undefined` where a probe of an older version took it. */
  readonly load?: LoadReading | undefined;
}

/** What happened at an agent in the last minutes. */
export interface Window {
  readonly seconds: number;
  /** What was added to the totals. */
  readonly totals: MetricsTotals;
}

/** The last minutes of an agent; `undefined` while there is only one snapshot of it. */
export function windowOf({ now, before }: LatestSnapshot): Window | undefined {
  if (before === undefined || before.at >= now.at) return undefined;
  return { seconds: (now.at - before.at) / 1_000, totals: totalsSince(now.totals, before.totals) };
}

/** The value of `entry` of a snapshot. The series is the agent's id. @param at epoch milliseconds */
export const snapshotEntry = (at: number): string => new Date(at).toISOString();

/** Reads the attribute `value` of a latest snapshot. @throws z.core.$ZodError for one that this version did not write */
export const parseLatestSnapshot = (value: string): LatestSnapshot => latestSnapshotSchema.parse(JSON.parse(value));

/** Reads the attribute `value` of a snapshot. @throws as {@link parseLatestSnapshot} */
export const parseSnapshot = (value: string): Snapshot => snapshotSchema.parse(JSON.parse(value));
