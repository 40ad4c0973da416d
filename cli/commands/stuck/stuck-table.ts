import { folded } from '../../folded.ts';
import { plainTable } from '../../plain-table.ts';

/** A message that does not move, as text. */
export interface StuckRow {
  readonly agent: string;
  readonly stillFor: string;
  readonly id: string;
  readonly why: string;
}

const GAP = 3;

/**
 * A table of messages. Where a line would be longer than the terminal, each reason is below its message.
 *
 * @param columns the width of the terminal; `undefined` where the output is none
 */
export function stuckTable(rows: readonly StuckRow[], columns: number | undefined): string {
  const cells = ({ agent, stillFor, id }: StuckRow) => [agent, stillFor, id];
  const head = ['AGENT', 'STILL FOR', 'ID'];
  const wide = plainTable(
    rows.map((row) => [...cells(row), row.why]),
    GAP,
    { head: [...head, 'WHY'] },
  );
  if (columns === undefined || wide.split('\n').every((line) => line.length <= columns)) return wide;
  const [title = '', ...lines] = plainTable(rows.map(cells), GAP, { head }).split('\n');
  return [title, ...lines.map((line, nth) => `${line}\n${folded(`  ${rows[nth]?.why}`, columns, 4)}`)].join('\n');
}
