import { agentLoad } from '../../../client/metrics/agent-load.ts';
import { EXPOSED_METRIC_NAMES, type ExposedMetricName } from '../../../events/exposed-metrics.ts';
import { BUCKET_BOUNDS_MS, countOf } from '../../../events/histogram.ts';
import type { MetricsCounter, MetricsHistogram } from '../../../events/metrics-record.ts';
import { intervalSecondsOf, type LatestSnapshot } from '../../../events/snapshot.ts';

/** A value of a metric. */
export interface Sample {
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with its values, of all agents. */
export interface MetricFamily {
  readonly name: ExposedMetricName;
  readonly samples: readonly Sample[];
}

type Read = (latest: LatestSnapshot) => readonly Sample[];

/** How each metric is read from an agent's latest snapshot. */
const READERS: Readonly<Record<ExposedMetricName, Read>> = {
  posthorn_messages_total: (latest) => [
    ...counter('processed', { outcome: 'processed' })(latest),
    ...counter('rejected', { outcome: 'rejected' })(latest),
    ...counter('deadLettered', { outcome: 'dead-lettered' })(latest),
  ],
  posthorn_deliveries_total: counter('deliveries'),
  posthorn_retries_total: counter('retries'),
  posthorn_interruptions_total: counter('interruptions'),
  posthorn_duplicates_total: counter('duplicates'),
  posthorn_unknown_errors_total: counter('unknownErrors'),
  posthorn_sent_messages_total: counter('sent'),
  posthorn_clamped_durations_total: counter('clamped'),
  posthorn_lost_writes_total: counter('lostWrites'),
  posthorn_invocations_total: counter('invocations'),
  posthorn_busy_seconds_total: (latest) => [sampleOf(latest, seconds(latest.now.totals.counters.busyMs))],
  posthorn_wait_seconds: histogram('wait'),
  posthorn_handle_seconds: histogram('handle'),
  posthorn_critical_seconds: histogram('critical'),
  posthorn_own_total: (latest) => Object.entries(latest.now.own.counters).map(([name, value]) => sampleOf(latest, value, { name })),
  posthorn_own_seconds: (latest) =>
    Object.entries(latest.now.own.timers).flatMap(([name, { count, sumMs }]) => [
      { ...sampleOf(latest, seconds(sumMs), { name }), suffix: '_sum' as const },
      { ...sampleOf(latest, count, { name }), suffix: '_count' as const },
    ]),
  posthorn_model_tokens_total: modelTokens,
  posthorn_own_overflow_total: (latest) => [sampleOf(latest, latest.now.own.overflow)],
  posthorn_queue_messages: queueMessages,
  posthorn_load_ratio: (latest) => known(latest, agentLoad(latest).load),
  posthorn_expected_wait_seconds: (latest) => known(latest, agentLoad(latest).expectedWaitSeconds),
  posthorn_snapshot_timestamp_seconds: (latest) => [sampleOf(latest, seconds(latest.now.at))],
  posthorn_snapshot_interval_seconds: (latest) => [sampleOf(latest, intervalSecondsOf(latest.now))],
  posthorn_agent_info: (latest) => [sampleOf(latest, 1, { version: latest.now.version })],
};

/** The metrics of a mesh by the latest snapshots of its agents. A metric without a value is left out. */
export function metricFamilies(latest: readonly LatestSnapshot[]): readonly MetricFamily[] {
  return EXPOSED_METRIC_NAMES.map((name) => ({ name, samples: latest.flatMap(READERS[name]) })).filter(({ samples }) => samples.length > 0);
}

const seconds = (ms: number): number => ms / 1_000;

function sampleOf({ now }: LatestSnapshot, value: number, labels: Readonly<Record<string, string>> = {}): Sample {
  return { labels: { agent: now.agent, ...labels }, value };
}

const known = (latest: LatestSnapshot, value: number | undefined): readonly Sample[] =>
  value === undefined ? [] : [sampleOf(latest, value)];

function counter(name: MetricsCounter, labels?: Readonly<Record<string, string>>): Read {
  return (latest) => [sampleOf(latest, latest.now.totals.counters[name], labels)];
}

function histogram(name: MetricsHistogram): Read {
  return (latest) => {
    const values = latest.now.totals[name];
    let below = 0;
    const buckets = BUCKET_BOUNDS_MS.map((bound, bucket): Sample => {
      below += values.counts[bucket] ?? 0;
      return { ...sampleOf(latest, below, { le: String(seconds(bound)) }), suffix: '_bucket' };
    });
    const count = countOf(values);
    return [
      ...buckets,
      { ...sampleOf(latest, count, { le: '+Inf' }), suffix: '_bucket' },
      { ...sampleOf(latest, seconds(values.sumMs)), suffix: '_sum' },
      { ...sampleOf(latest, count), suffix: '_count' },
    ];
  };
}

function modelTokens(latest: LatestSnapshot): readonly Sample[] {
  return Object.entries(latest.now.own.models).flatMap(([model, tokens]) => [
    sampleOf(latest, tokens.inputTokens, { model, direction: 'input', attempt: 'committed' }),
    sampleOf(latest, tokens.outputTokens, { model, direction: 'output', attempt: 'committed' }),
    sampleOf(latest, tokens.wastedInputTokens, { model, direction: 'input', attempt: 'thrown-away' }),
    sampleOf(latest, tokens.wastedOutputTokens, { model, direction: 'output', attempt: 'thrown-away' }),
  ]);
}

function queueMessages(latest: LatestSnapshot): readonly Sample[] {
  const { inbox, errors, deadLetters } = latest.now.queues;
  return Object.entries({ inbox, errors, 'dead-letters': deadLetters }).flatMap(([queue, { visible, inFlight, delayed }]) => [
    sampleOf(latest, visible, { queue, state: 'visible' }),
    sampleOf(latest, inFlight, { queue, state: 'in-flight' }),
    sampleOf(latest, delayed, { queue, state: 'delayed' }),
  ]);
}
