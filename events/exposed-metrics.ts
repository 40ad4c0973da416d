/** A metric of `GET /metrics`. */
export interface ExposedMetric {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary' | 'info';
  /** One sentence. */
  readonly help: string;
  /** Besides `le` of histograms. */
  readonly labels: readonly string[];
}

/**
 * The metrics that the mesh exposes to Prometheus, by name. Durations are in seconds. Counters, histograms and summaries are totals since
 * the agent's first deployment.
 *
 * @see docs/monitoring.md
 */
export const EXPOSED_METRICS = {
  posthorn_messages_total: {
    type: 'counter',
    help: 'Messages with an outcome: processed, rejected or dead-lettered.',
    labels: ['agent', 'outcome'],
  },
  posthorn_deliveries_total: { type: 'counter', help: 'Receives of messages.', labels: ['agent'] },
  posthorn_retries_total: { type: 'counter', help: 'Failed attempts after which the message is tried again.', labels: ['agent'] },
  posthorn_interruptions_total: { type: 'counter', help: 'Redeliveries for which the message is not at fault.', labels: ['agent'] },
  posthorn_duplicates_total: { type: 'counter', help: 'Deliveries of messages that had their outcome.', labels: ['agent'] },
  posthorn_unknown_errors_total: {
    type: 'counter',
    help: 'Failed attempts whose error neither the agent nor the mesh classifies.',
    labels: ['agent'],
  },
  posthorn_sent_messages_total: { type: 'counter', help: 'Messages and replies that were committed.', labels: ['agent'] },
  posthorn_clamped_durations_total: {
    type: 'counter',
    help: 'Durations that were negative because clocks differ and count as 0.',
    labels: ['agent'],
  },
  posthorn_lost_writes_total: {
    type: 'counter',
    help: 'Writes of the metrics record that failed for good or whose answer was lost.',
    labels: ['agent'],
  },
  posthorn_invocations_total: { type: 'counter', help: 'Invocations of the function.', labels: ['agent'] },
  posthorn_busy_seconds_total: { type: 'counter', help: 'Time of all invocations.', labels: ['agent'] },
  posthorn_wait_seconds: {
    type: 'histogram',
    help: 'From the moment SQS took a message to its first receive.',
    labels: ['agent'],
  },
  posthorn_handle_seconds: { type: 'histogram', help: 'How long the handler ran for each attempt.', labels: ['agent'] },
  posthorn_critical_seconds: { type: 'histogram', help: 'From the time of an event to its outcome at the agent.', labels: ['agent'] },
  posthorn_own_total: { type: 'counter', help: 'Counters of the agents themselves by name.', labels: ['agent', 'name'] },
  posthorn_own_seconds: { type: 'summary', help: 'Timers of the agents themselves by name.', labels: ['agent', 'name'] },
  posthorn_model_tokens_total: {
    type: 'counter',
    help: 'Tokens that attempts used of models: committed or thrown away.',
    labels: ['agent', 'model', 'direction', 'attempt'],
  },
  posthorn_own_overflow_total: {
    type: 'counter',
    help: 'Values that were left out because the agent had used up its names.',
    labels: ['agent'],
  },
  posthorn_queue_messages: {
    type: 'gauge',
    help: 'Messages in a queue of the agent as SQS counts them.',
    labels: ['agent', 'queue', 'state'],
  },
  posthorn_load_ratio: { type: 'gauge', help: 'Share of the concurrency in use from 0 to 1.', labels: ['agent'] },
  posthorn_expected_wait_seconds: {
    type: 'gauge',
    help: 'How long a message that is sent now waits before it is received.',
    labels: ['agent'],
  },
  posthorn_snapshot_timestamp_seconds: { type: 'gauge', help: 'When the latest snapshot was taken.', labels: ['agent'] },
  posthorn_snapshot_interval_seconds: { type: 'gauge', help: 'How long after a snapshot the next one is taken.', labels: ['agent'] },
  posthorn_agent_info: { type: 'info', help: 'The deployed version of the agent.', labels: ['agent', 'version'] },
} as const satisfies Readonly<Record<string, ExposedMetric>>;

/** The name of a metric in {@link EXPOSED_METRICS}. */
export type ExposedMetricName = keyof typeof EXPOSED_METRICS;

// Object.keys cannot know that the literal has no other keys.
const isExposed = (name: string): name is ExposedMetricName => Object.hasOwn(EXPOSED_METRICS, name);

/** The names of all metrics, in the order of the table. */
export const EXPOSED_METRIC_NAMES: readonly ExposedMetricName[] = Object.keys(EXPOSED_METRICS).filter(isExposed);
