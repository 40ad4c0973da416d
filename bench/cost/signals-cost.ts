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

/** @param journeys the share of journeys in the index, 0 to 1 */
export const signalsCost = (batchSize: number, journeys: number): SignalsCost => ({
  metricsRecord: prices.writeUnitsPerMillion / batchSize,
  auditLine: ((assumptions.posthornLogBytes * 1e6) / 1e9) * (prices.logsPerGb + assumptions.logMonths * prices.logsPerGbMonth),
  journeyIndex: journeys * prices.writeUnitsPerMillion,
});
