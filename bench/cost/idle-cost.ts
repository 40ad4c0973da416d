import { metricsShards } from '../../events/metrics-record.ts';
import { assumptions } from './assumptions.ts';
import { offersCost } from './discovery-cost.ts';
import { prices } from './prices.ts';

/** Dollars a month, by what costs them. */
export type MonthlyCost = Readonly<Record<string, number>>;

const SECONDS_PER_MONTH = 30 * 86_400;
const MINUTES_PER_MONTH = SECONDS_PER_MONTH / 60;
const SNAPSHOT_DAYS = 1;
const QUEUES_PER_AGENT = 3;
const ITEMS_PER_SHARD = 2;

/** Reads are eventually consistent: half a unit for each begun 4 KB. */
const readUnits = (kb: number): number => Math.ceil(kb / 4) / 2;

/** A snapshot, and the latest two together. */
const snapshotWriteUnits = Math.ceil(assumptions.snapshotKb) + Math.ceil(2 * assumptions.snapshotKb);

const perMillion = (count: number, price: number): number => (count * price) / 1e6;

const seconds = (runs: number, ms: number): number => (runs * ms * assumptions.serviceMemoryGb * prices.lambdaPerGbSecond) / 1_000;

/** Runs of a service without work: requests, time and Lambda's log lines. */
function runsCost(runs: number, ms: number): number {
  const logs = ((runs * assumptions.platformLogBytes) / 1e9) * (prices.logsPerGb + assumptions.logMonths * prices.logsPerGbMonth);
  return perMillion(runs, prices.lambdaPerMillionInvocations) + seconds(runs, ms) + logs;
}

/**
 * What an agent costs that gets no messages.
 *
 * @param alarms of the agent: 6 in stage `prod`, 4 in the others
 */
export function idleAgent(alarms: number, probeMinutes = 1): MonthlyCost {
  const { pollers, pollSeconds, idleConcurrency, snapshotKb, probeMsPerAgent } = assumptions;
  const snapshots = MINUTES_PER_MONTH / probeMinutes;
  const reads = metricsShards(idleConcurrency) * ITEMS_PER_SHARD * readUnits(1) + readUnits(snapshotKb) + readUnits(2 * snapshotKb);
  const stored = ((snapshots / 30) * SNAPSHOT_DAYS * snapshotKb * prices.tablePerGbMonth) / 1e6;
  return {
    'polling of the inbox': perMillion((pollers * SECONDS_PER_MONTH) / pollSeconds, prices.sqsPerMillionRequests),
    alarms: alarms * prices.alarmPerMonth,
    'snapshots: counts of its queues': perMillion(snapshots * QUEUES_PER_AGENT, prices.sqsPerMillionRequests),
    'snapshots: reads and writes':
      perMillion(snapshots * snapshotWriteUnits, prices.writeUnitsPerMillion) +
      perMillion(snapshots * reads, prices.readUnitsPerMillion) +
      stored,
    "snapshots: the probe's time": seconds(snapshots, probeMsPerAgent),
  };
}

/** What a mesh costs without any agent. */
export function idleMesh(probeMinutes = 1): MonthlyCost {
  const { meshAlarms, customMetrics, probeMs, registryMs, registryMinutes } = assumptions;
  return {
    dashboard: prices.dashboardPerMonth,
    "key of the alert topic's messages": prices.keyPerMonth,
    alarms: meshAlarms * prices.alarmPerMonth,
    'custom metrics, at most': customMetrics * prices.customMetricPerMonth,
    'runs of the probe': runsCost(MINUTES_PER_MONTH / probeMinutes, probeMs),
    'scans of up to 16 offers': offersCost(0, probeMinutes).probeScans + offersCost(0).registryScans,
    'runs of the registry': runsCost(MINUTES_PER_MONTH / registryMinutes, registryMs),
  };
}

export const monthlyTotal = (cost: MonthlyCost): number => Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);
