import { markdownTable } from '../cost/markdown-table.ts';
import type { SignalsFigures } from './measure-signals.ts';
import { POWERTOOLS_METRICS } from './variants.ts';

const HEAD = ['for one message', 'CPU', 'ratio', 'allocated', 'ratio', 'requests for ten', 'wire', 'datagrams for ten', 'in them', 'WRU'];

/** Every variant in a line, as Markdown, with its ratios to Powertools with Metrics. */
export function signalsTable(all: readonly SignalsFigures[]): string {
  const peer = all.find(({ name }) => name === POWERTOOLS_METRICS);
  const rows = all.map((each) => [
    each.name,
    `${each.cpuMicros.toFixed(0)} us`,
    each.cpuRatio.toFixed(2),
    `${(each.allocatedBytes / 1_000).toFixed(0)} kB`,
    (each.allocatedBytes / (peer?.allocatedBytes ?? Number.NaN)).toFixed(2),
    short(each.requestsPerTen),
    `${each.wireBytes.toFixed(0)} B`,
    short(each.datagramsPerTen),
    `${each.datagramBytes.toFixed(0)} B`,
    short(each.writeUnits),
  ]);
  return markdownTable(HEAD, rows);
}

const short = (value: number): string => String(Number(value.toFixed(2)));
