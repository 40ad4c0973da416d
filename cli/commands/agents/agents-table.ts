import { folded } from '../../folded.ts';
import { cut } from '../../message-text.ts';
import { plainTable } from '../../plain-table.ts';
import { printableLine } from '../../printable.ts';

/** An agent in a table. */
export interface AgentRow {
  /** In the order of the columns; the first is the agent's id. */
  readonly cells: readonly string[];
  /** Longer texts, in the order of their columns; empty where there is nothing to say. */
  readonly notes: readonly string[];
}

/** The columns of a table of agents. */
export interface AgentColumns {
  readonly heads: readonly string[];
  /** The number of the first column with numbers. */
  readonly numbersFrom: number;
  /** Of the notes. */
  readonly notes: readonly string[];
}

const GAP = 2;

/** Ids are cut to the room that the other columns leave, and to no less than this. */
const MIN_ID_COLUMNS = 12;

/** A version with a longer label is cut in a terminal. */
const MAX_VERSION_COLUMNS = 16;

/**
 * A table of agents. Where a line would be longer than the terminal, the notes are below their agent, and an id may be cut.
 *
 * @param columns the width of the terminal; `undefined` where the output is none: then nothing is cut
 */
export function agentsTable(given: readonly AgentRow[], { heads, numbersFrom, notes }: AgentColumns, columns: number | undefined): string {
  const rows = given.map((row) => ({ cells: row.cells.map(printableLine), notes: row.notes.map(printableLine) }));
  const colAligns = heads.map((_, nth) => (nth >= numbersFrom ? ('right' as const) : ('left' as const)));
  const used = notes.map((_, nth) => rows.some((row) => row.notes[nth] !== ''));
  const wide = plainTable(
    rows.map((row) => [...row.cells, ...row.notes.filter((_, nth) => used[nth])]),
    GAP,
    { head: [...heads, ...notes.filter((_, nth) => used[nth])], colAligns: [...colAligns, ...notes.map(() => 'left' as const)] },
  );
  if (columns === undefined || wide.split('\n').every((line) => line.length <= columns)) return wide;
  const [title = '', ...lines] = plainTable(narrowed(rows, heads, columns), GAP, { head: [...heads], colAligns }).split('\n');
  const below = (nth: number) => rows[nth]?.notes.filter((note) => note !== '').map((note) => folded(`  ${note}`, columns, 4)) ?? [];
  return [title, ...lines.flatMap((line, nth) => [line, ...below(nth)])].join('\n');
}

/** The cells, with ids and versions cut to the terminal. */
function narrowed(rows: readonly AgentRow[], heads: readonly string[], columns: number): string[][] {
  const shortened = rows.map(({ cells: [id = '', version = '', ...rest] }) => [id, cut(version, MAX_VERSION_COLUMNS), ...rest]);
  const widthOf = (nth: number) => Math.max(...[heads, ...shortened].map((cells) => cells[nth]?.length ?? 0));
  const room = columns - heads.slice(1).reduce((sum, _, nth) => sum + GAP + widthOf(nth + 1), 0);
  return shortened.map(([id = '', ...rest]) => [cut(id, Math.max(MIN_ID_COLUMNS, room)), ...rest]);
}
