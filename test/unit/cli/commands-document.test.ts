import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../cli/main.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
/** Of the table: the commands that each line names, after `posthorn`. */
const rows = [...text.matchAll(/^\| (`posthorn .*?) +\|/gm)].map(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words.replace(/^posthorn /, '')),
);
/** These share a line with another. */
const SECONDS = ['resume'];

describe('docs/cli.md', () => {
  test('has a table of all commands, and of no others', () => {
    const firsts = rows.map(([words = '']) => words.split(' ')[0]);

    expect([...firsts, ...SECONDS].toSorted()).toEqual(commands.map((command) => command().name()).toSorted());
  });

  test.each(commands.map((command) => command()))('lists the subcommands and has a section of $_name', (command) => {
    const row = rows.find((words) => words.some((each) => each.split(' ')[0] === command.name())) ?? [];
    for (const child of command.commands) expect(row.join(' '), child.name()).toMatch(new RegExp(`\\b${child.name()}\\b`));
    expect(text).toMatch(new RegExp(`^## (.* )?${command.name()}\\b`, 'm'));
  });
});
