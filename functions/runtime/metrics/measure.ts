import { bucketOf } from '../../../events/histogram.ts';
import {
  bucketAttribute,
  counterAttribute,
  type MetricsCounter,
  type MetricsHistogram,
  sumAttribute,
} from '../../../events/metrics-record.ts';
import type { Delivery } from '../delivery.ts';
import type { Increments } from './increments.ts';

/** Adds what a delivery came to: once, when its report is final. */
export function measure(delivery: Delivery, nowMs: number, increments: Increments): void {
  const { report, sqsRecord, receiveCount, handledAt, handledUntil, sentCount } = delivery;
  count(increments, 'deliveries');
  count(increments, COUNTERS[report.outcome === 'retry' && report.error === undefined ? 'interrupted' : report.outcome]);
  if (report.error?.kind === 'unknown') count(increments, 'unknownErrors');
  if (receiveCount === 1) observe(increments, 'wait', delivery.startedAt - Number(sqsRecord.attributes.SentTimestamp));
  if (handledAt !== undefined && handledUntil !== undefined) observe(increments, 'handle', handledUntil - handledAt);
  if (!hasOutcome(delivery)) return;
  if (report.outcome === 'processed') count(increments, 'sent', sentCount);
  if (delivery.isOpened) observe(increments, 'critical', nowMs - Date.parse(delivery.envelope.time));
}

const COUNTERS: Readonly<Record<Delivery['report']['outcome'] | 'interrupted', MetricsCounter>> = {
  processed: 'processed',
  rejected: 'rejected',
  'dead-lettered': 'deadLettered',
  retry: 'retries',
  interrupted: 'interruptions',
  duplicate: 'duplicates',
};

const hasOutcome = ({ report: { outcome } }: Delivery): boolean => outcome !== 'retry' && outcome !== 'duplicate';

export function count(increments: Increments, counter: MetricsCounter, increment = 1): void {
  increments.add(counterAttribute(counter), increment);
}

/** Clocks of producers and processes differ: a duration below 0 is one of 0. */
function observe(increments: Increments, histogram: MetricsHistogram, ms: number): void {
  if (!Number.isFinite(ms)) return;
  if (ms < 0) count(increments, 'clamped');
  const clamped = Math.max(0, ms);
  increments.add(bucketAttribute(histogram, bucketOf(clamped)), 1);
  increments.add(sumAttribute(histogram), clamped);
}
