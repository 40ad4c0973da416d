import { markdownTable } from '../cost/markdown-table.ts';
import { prices } from '../cost/prices.ts';
import type { RegistryFigures } from './measure-registry.ts';

const COUNTS = [
  'items',
  'matches',
  'bytes of one',
  'requests',
  'read units',
  'answer',
  '$ a million finds',
  'requests in 10 s',
  '$ a million messages',
];
const TIMES = ['items', 'matches', 'findAgents', 'wall', 'first message', 'wall', 'pick', 'for a match', 'with version and latency'];

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const short = (value: number): string => String(Number(value.toPrecision(3)));

const dollars = (readUnits: number): number => readUnits * prices.readUnitsPerMillion;

/** Counts, then times, as Markdown. */
export function registryTable(all: readonly RegistryFigures[]): string {
  const nameOf = ({ items, matches, hasRollouts }: RegistryFigures) => [
    number(items),
    `${number(matches)}${hasRollouts ? ', rollouts' : ''}`,
  ];
  const counts = all.map((each) => [
    ...nameOf(each),
    number(each.itemBytes),
    short(each.cold.requests),
    number(each.cold.readUnits, 1),
    `${number(each.cold.answerBytes / 1_000, 1)} kB`,
    short(dollars(each.cold.readUnits)),
    short((each.load.requests * 10) / each.load.seconds),
    // At a thousand a second, a million take a thousand seconds.
    short((dollars(each.load.readUnits) / each.load.seconds) * 1e-3),
  ]);
  const times = all.map((each) => [
    ...nameOf(each),
    `${number(each.find.cpuMicros)} us`,
    `${number(each.find.wallMicros)} us`,
    `${number(each.cold.cpuMicros)} us`,
    `${number(each.cold.wallMicros)} us`,
    `${number(each.pick.cpuMicros, 1)} us`,
    `${number(each.pick.cpuMicros / each.matches, 3)} us`,
    `${number(each.pickRange.cpuMicros, 1)} us`,
  ]);
  return `${markdownTable(COUNTS, counts)}\n\n${markdownTable(TIMES, times)}`;
}
