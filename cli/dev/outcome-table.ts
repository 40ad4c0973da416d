import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { ObservedHop } from './differences.ts';
import type { SampleRun } from './sample-run.ts';

const COLOURS = { processed: 'green', rejected: 'yellow', 'dead-lettered': 'red' } as const;

/** What became of every sample, and whether that is what it declares. */
export function outcomeTable(runs: readonly SampleRun[]): string {
  const table = new Table({
    head: ['', 'sample', 'agent', 'outcome', 'why', 'tries', 'seconds'].map((title) => styleText('bold', title)),
    style: { head: [], border: [], compact: true },
  });
  for (const { name, observed, differences, seconds } of runs) {
    const rows = summarise(observed.hops);
    rows.forEach(({ agent, outcome, code, tries, count }, index) => {
      const label = count > 1 ? `${outcome ?? 'pending'} ×${count}` : (outcome ?? 'pending');
      table.push([
        index > 0 ? '' : mark(differences.length === 0),
        index > 0 ? '' : name,
        agent,
        outcome ? styleText(COLOURS[outcome], label) : label,
        code ?? '',
        String(tries),
        index > 0 ? '' : seconds.toFixed(1),
      ]);
    });
    if (rows.length === 0) table.push([mark(differences.length === 0), name, '', 'nothing seen', '', '', seconds.toFixed(1)]);
  }
  return table.toString();
}

const mark = (isAsDeclared: boolean): string => (isAsDeclared ? styleText('green', '✔') : styleText('red', '✘'));

interface Row extends Pick<ObservedHop, 'agent' | 'outcome' | 'code'> {
  readonly tries: number;
  readonly count: number;
}

/** Hops that ended alike are one row. */
function summarise(hops: readonly ObservedHop[]): Row[] {
  const alike = Map.groupBy(hops, ({ agent, outcome, code, attempts }) => JSON.stringify([agent, outcome, code, attempts]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { agent, outcome, code, attempts } = first;
    return [{ agent, outcome, code, tries: outcome === 'processed' ? attempts + 1 : Math.max(1, attempts), count: group.length }];
  });
}
