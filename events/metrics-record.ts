import * as z from 'zod/mini';
import { BUCKET_BOUNDS_MS, type Histogram, histogramSince, increase } from './histogram.ts';
import { type MeshName, meshPrefix } from './names.ts';

// The metrics record of an agent: totals that only grow, in items of which each process adds to one.

/**
 * The table of metrics, with the keys `series` and `entry`. It has the metrics records of the agents' processes and what the probe makes
 * of them.
 *
 * @example
 * ```ts
 * metricsTableName(meshName()); // 'posthorn-dev-metrics'
 * ```
 */
export const metricsTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-metrics`;

/** Batches handled at the same time that share an item. DynamoDB takes 1,000 writes a second to one. */
const CONCURRENCY_PER_SHARD = 10;

/** BatchGetItem takes as many keys. */
const MAX_SHARDS = 100;

/** How many items an agent's metrics record has: each process adds to one of them. @param concurrency of the agent's definition */
export const metricsShards = (concurrency: number): number => Math.min(MAX_SHARDS, Math.ceil(concurrency / CONCURRENCY_PER_SHARD));

/** The value of `series` in the items of one shard. No agent id has a number sign. */
export const shardSeries = (agentId: string, shard: number): string => `${agentId}#${shard}`;

/** The values of `entry` in the items of a shard: the mesh's own totals, and those of the agent's counters and timers. */
export const METRICS_ENTRIES = ['totals', 'own'] as const;
/** One of the items of a shard. */
export type MetricsEntry = (typeof METRICS_ENTRIES)[number];

/** When a process last added to the item, epoch milliseconds. None of these names is a reserved word of DynamoDB, as `at` would be. */
export const LAST_WRITE_ATTRIBUTE = 'z';

/**
 * A total of an agent: `invocations` and their `busyMs`, `deliveries` and how they ended, messages `sent`, `unknownErrors`, durations that
 * were `clamped` to 0, and `lostWrites` of the metrics record.
 *
 * @see docs/monitoring.md
 */
export type MetricsCounter =
  | 'invocations'
  | 'busyMs'
  | 'deliveries'
  | 'processed'
  | 'rejected'
  | 'deadLettered'
  | 'retries'
  | 'interruptions'
  | 'duplicates'
  | 'unknownErrors'
  | 'sent'
  | 'clamped'
  | 'lostWrites';

/** By counter: the name of its attribute. Short, because the item is at most 1 KB, the unit of a write. */
const COUNTER_ATTRIBUTES: Readonly<Record<MetricsCounter, string>> = {
  /** Batches. */
  invocations: 'i',
  /** Milliseconds of all invocations. */
  busyMs: 'b',
  /** Receives of messages. */
  deliveries: 'n',
  processed: 'p',
  rejected: 'r',
  deadLettered: 'd',
  /** Failed attempts after which the message is tried again. */
  retries: 't',
  /** Redeliveries for which the message is not at fault: an outage, a lack of time. */
  interruptions: 'k',
  /** Deliveries of messages that had their outcome. */
  duplicates: 'u',
  /** Failed attempts whose error neither the agent nor the mesh knows. */
  unknownErrors: 'e',
  /** Messages to other agents and replies, committed. */
  sent: 's',
  /** Durations that were negative, because clocks differ, and count as 0. */
  clamped: 'c',
  /** Writes of this record that failed for good, or whose answer was lost: each may be missing from all the other totals. */
  lostWrites: 'l',
};

const HISTOGRAM_ATTRIBUTES = { wait: 'w', handle: 'h', critical: 'y' } as const;

/** A distribution of durations of an agent. */
export type MetricsHistogram = keyof typeof HISTOGRAM_ATTRIBUTES;

// Object.keys cannot know that these literals have no other keys.
const isCounter = (name: string): name is MetricsCounter => Object.hasOwn(COUNTER_ATTRIBUTES, name);
const isHistogram = (name: string): name is MetricsHistogram => Object.hasOwn(HISTOGRAM_ATTRIBUTES, name);

/** All counters. */
export const METRICS_COUNTERS: readonly MetricsCounter[] = Object.keys(COUNTER_ATTRIBUTES).filter(isCounter);
/** All distributions: of waits, of attempts, of whole lives of messages. */
export const METRICS_HISTOGRAMS: readonly MetricsHistogram[] = Object.keys(HISTOGRAM_ATTRIBUTES).filter(isHistogram);

/** The attribute of a counter. */
export const counterAttribute = (counter: MetricsCounter): string => COUNTER_ATTRIBUTES[counter];

/** The attribute of a bucket: a letter and a digit of base 36. */
export const bucketAttribute = (histogram: MetricsHistogram, bucket: number): string =>
  HISTOGRAM_ATTRIBUTES[histogram] + bucket.toString(36);

/** The attribute of a distribution's sum, in milliseconds. */
export const sumAttribute = (histogram: MetricsHistogram): string => HISTOGRAM_ATTRIBUTES[histogram].toUpperCase();

const histogramSchema = z.object({ counts: z.record(z.string(), z.number()), sumMs: z.number() });

/** Totals of an agent since it was first deployed. */
export const metricsTotalsSchema = z.object({
  counters: z.record(z.enum(METRICS_COUNTERS), z.number()),
  /** From the moment SQS took a message to the first time that the agent received it. */
  wait: histogramSchema,
  /** Of each attempt: how long the handler ran. */
  handle: histogramSchema,
  /** From the event's `time` to its outcome at this agent. */
  critical: histogramSchema,
});

/** Totals of an agent, see {@link metricsTotalsSchema}. */
export type MetricsTotals = Readonly<Record<MetricsHistogram, Histogram>> & { readonly counters: Readonly<Record<MetricsCounter, number>> };

const NO_HISTOGRAM: Histogram = { counts: {}, sumMs: 0 };

/** Reads and adds up the items of an agent's shards. @param items unmarshalled; attributes that are no numbers are not counted */
export function totalsOf(items: readonly Readonly<Record<string, unknown>>[]): MetricsTotals {
  const sum = (attribute: string): number =>
    items.reduce((total, item) => total + (typeof item[attribute] === 'number' ? item[attribute] : 0), 0);
  const histogram = (name: MetricsHistogram): Histogram => {
    const counts = Array.from(
      { length: BUCKET_BOUNDS_MS.length + 1 },
      (_, bucket) => [bucket, sum(bucketAttribute(name, bucket))] as const,
    );
    return { counts: Object.fromEntries(counts.filter(([, count]) => count > 0)), sumMs: sum(sumAttribute(name)) };
  };
  return {
    counters: countersFrom((name) => sum(counterAttribute(name))),
    wait: histogram('wait'),
    handle: histogram('handle'),
    critical: histogram('critical'),
  };
}

/** What was added since an earlier reading. */
export function totalsSince(now: MetricsTotals, before: MetricsTotals | undefined): MetricsTotals {
  const since = (name: MetricsHistogram) => histogramSince(now[name], before?.[name] ?? NO_HISTOGRAM);
  return {
    counters: countersFrom((name) => increase(now.counters[name], before?.counters[name])),
    wait: since('wait'),
    handle: since('handle'),
    critical: since('critical'),
  };
}

function countersFrom(value: (name: MetricsCounter) => number): Record<MetricsCounter, number> {
  return {
    invocations: value('invocations'),
    busyMs: value('busyMs'),
    deliveries: value('deliveries'),
    processed: value('processed'),
    rejected: value('rejected'),
    deadLettered: value('deadLettered'),
    retries: value('retries'),
    interruptions: value('interruptions'),
    duplicates: value('duplicates'),
    unknownErrors: value('unknownErrors'),
    sent: value('sent'),
    clamped: value('clamped'),
    lostWrites: value('lostWrites'),
  };
}
