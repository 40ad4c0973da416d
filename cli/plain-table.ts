import Table from 'cli-table3';

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/**
 * A table without lines, in the terminal's own colours, and without spaces at the ends of lines.
 *
 * @param gap spaces between columns; a column's width includes it
 */
export function plainTable(rows: readonly Table.HorizontalTableRow[], gap: number, options: Table.TableConstructorOptions): string {
  const table = new Table({ ...options, chars: NO_LINES, style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap } });
  table.push(...rows);
  return table.toString().replaceAll(/ +$/gm, '');
}
