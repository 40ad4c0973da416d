import { stripVTControlCharacters, styleText } from 'node:util';
import { plainTable } from '../../../plain-table.ts';
import type { ObservedHop } from './differences.ts';
import type { SampleRun } from './sample-run.ts';

const COLOURS = { processed: 'green', rejected: 'yellow', 'dead-lettered': 'red' } as const;
const HEAD = ['  SAMPLE', 'AGENT', 'OUTCOME', 'TRIES'];
const GAP = 2;
const MIN_WIDTH = 5;

type Row = readonly [sample: string, agent: string, outcome: string, tries: string];

/**
 * A table of the samples: how each ended, and whether that matches its declaration.
 *
 * @param columns the terminal's width; from 40 columns up no line is longer than that
 */
export function outcomeTable(runs: readonly SampleRun[], columns: number): string {
  const rows = [HEAD.map((title) => styleText('dim', title)), ...runs.flatMap(rowsOf)];
  const widths = HEAD.map((_title, nth) => Math.max(...rows.map((row) => stripVTControlCharacters(row[nth] ?? '').length)));
  const cells = rows.map(([sample = '', agent = '', outcome = '', tries = '']) => [
    sample,
    agent,
    { content: outcome, wordWrap: true },
    tries,
  ]);
  return plainTable(cells, GAP, {
    colAligns: ['left', 'left', 'left', 'right'],
    colWidths: narrowed(widths, columns - GAP * (widths.length - 1)).map((width) => width + GAP),
  });
}

/** Shrinks the widest column until the table fits. */
function narrowed(widths: readonly number[], room: number): readonly number[] {
  const widest = Math.max(...widths);
  if (widths.reduce((sum, width) => sum + width) <= room || widest <= MIN_WIDTH) return widths;
  return narrowed(widths.with(widths.indexOf(widest), widest - 1), room);
}

function rowsOf({ name, observed, differences }: SampleRun): readonly Row[] {
  const mark = differences.length === 0 ? styleText('green', '✔') : styleText('red', '✘');
  const sample = (index: number) => (index === 0 ? `${mark} ${name}` : '');
  if (observed.hops.length === 0) return [[sample(0), '', 'nothing seen', '']];
  return alike(observed.hops).map(([hop, count], index) => [sample(index), hop.agent, outcomeOf(hop, count), String(triesOf(hop))]);
}

/** Groups hops that ended alike, with their count. */
function alike(hops: readonly ObservedHop[]): readonly (readonly [ObservedHop, number])[] {
  const groups = Map.groupBy(hops, ({ agent, outcome, code, attempts }) => JSON.stringify([agent, outcome, code, attempts]));
  return [...groups.values()].flatMap((group) => group.slice(0, 1).map((first) => [first, group.length] as const));
}

function outcomeOf({ outcome, code }: ObservedHop, count: number): string {
  const label = count > 1 ? `${outcome ?? 'pending'} ×${count}` : (outcome ?? 'pending');
  return [outcome === undefined ? label : styleText(COLOURS[outcome], label), code].filter(Boolean).join(' ');
}

const triesOf = ({ outcome, attempts }: ObservedHop): number => (outcome === 'processed' ? attempts + 1 : Math.max(1, attempts));
