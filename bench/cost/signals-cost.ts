import { assumptions } from './assumptions.ts';
import { prices } from './prices.ts';

/** Dollars for a million messages: what it costs to know how they went. */
export interface SignalsCost {
  /** One write of at most 1 KB for each invocation. */
  readonly metricsRecord: number;
  /** Kept for {@link assumptions.logMonths}. */
  readonly auditLine: number;
  /** One write for each message whose journey is in the index. */
  readonly journeyIndex: number;
}

/** What it costs to export the traces of a million messages. */
export interface TracesCost {
  /** What a backend that is paid by data takes in. */
  readonly gigabytes: number;
  /** X-Ray is paid by traces: here each message begins one. */
  readonly xray: number;
}

/** @param share of the traces that are exported, 0 to 1 */
export const tracesCost = (share: number): TracesCost => ({
  gigabytes: (share * assumptions.spanBytes * 1e6) / 1e9,
  xray: share * prices.tracesPerMillion,
});

/** @param journeys the share of journeys in the index, 0 to 1 */
export const signalsCost = (batchSize: number, journeys: number): SignalsCost => ({
  metricsRecord: prices.writeUnitsPerMillion / batchSize,
  auditLine: ((assumptions.posthornLogBytes * 1e6) / 1e9) * (prices.logsPerGb + assumptions.logMonths * prices.logsPerGbMonth),
  journeyIndex: journeys * prices.writeUnitsPerMillion,
});
