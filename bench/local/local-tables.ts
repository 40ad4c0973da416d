import { availableParallelism } from 'node:os';
import { textTable } from '../text-table.ts';
import type { CpuShares, LocalFigures, LocalReport } from './measure-local.ts';

const TARGET_PER_SECOND = 600;
const TARGET_P50_MS = 20;

export function localTables({ saturated, paced, workers }: LocalReport): string {
  const row = (
    load: string,
    latencies: readonly string[],
    { messagesPerSecond, batchSize, cores, utilization, loadAverage }: LocalFigures,
  ) => [
    load,
    messagesPerSecond.toFixed(0),
    batchSize.toFixed(1),
    ...latencies,
    ...[cores.cloud, cores.workers, cores.engine, cores.producer].map((share) => share.toFixed(2)),
    `${(utilization * 100).toFixed(0)}%`,
    loadAverage.toFixed(1),
  ];
  const head = ['load', 'messages/s', 'batch', 'p50 ms', 'p99 ms', 'cloud', 'workers', 'engine', 'producer', 'cloud loop', 'load avg'];
  const slowest = paced.at(-1);
  return [
    textTable(head, [
      // A flooded inbox has no meaningful latency: a message waits for all earlier ones.
      row('as fast as it takes them', ['', ''], saturated),
      ...paced.map(({ ratePerSecond, ...figures }) =>
        row(`${ratePerSecond} messages/s, open loop`, [figures.p50Ms.toFixed(1), figures.p99Ms.toFixed(1)], figures),
      ),
    ]),
    `Latency is from when a message was due to be sent until its invocation had ended. ${workers} workers. CPU in cores.`,
    `${TARGET_PER_SECOND} messages/s: ${saturated.messagesPerSecond >= TARGET_PER_SECOND ? 'reached' : 'MISSED'}; ` +
      `p50 of ${TARGET_P50_MS} ms at ${slowest?.ratePerSecond} messages/s: ${slowest !== undefined && slowest.p50Ms <= TARGET_P50_MS ? 'reached' : 'MISSED'}.`,
    boundBy(saturated),
  ].join('\n');
}

/** The bottleneck, found from the CPU use while the inbox was flooded. */
function boundBy({ cores, utilization }: LocalFigures): string {
  const used = Object.values(cores).reduce((sum: number, share: number) => sum + share, 0);
  const available = availableParallelism();
  const names: Readonly<Record<keyof CpuShares, string>> = {
    cloud: "the embedded cloud's event loop (queues, tables, HTTP)",
    workers: "the agent's workers (runtime and AWS SDK)",
    engine: "V8's collector and compiler",
    producer: 'the producer',
  };
  const shares = (['cloud', 'workers', 'engine', 'producer'] as const)
    .toSorted((a, b) => cores[b] - cores[a])
    .map((name) => `${((100 * cores[name]) / used).toFixed(0)}% ${names[name]}`);
  const verdict =
    utilization > 0.9 && cores.cloud > 0.8
      ? 'Bound by one event loop, that of the embedded cloud'
      : `Bound by CPU as a whole: ${used.toFixed(2)} of ${available} cores were used`;
  return `${verdict}. Of the CPU used: ${shares.join(', ')}.`;
}
