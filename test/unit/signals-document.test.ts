import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { posthorn } from '../integration/cli/world.ts';
import { kindsOfLines, SCENES, SIGNALS_FILE, shownInDocument } from '../integration/mesh/incident/signals-document.ts';

const COMMAND = /npx posthorn ((?:dlq )?[a-z]+)((?: [^\n`$]*)?)/g;
const commands = [...readFileSync(SIGNALS_FILE, 'utf8').matchAll(COMMAND)];
const names = [...new Set(commands.map(([, name = '']) => name))];

describe('docs/signals.md', () => {
  test('names commands and options that there are', async () => {
    expect(names.sort()).toEqual(['dlq redrive', 'dlq show', 'stuck', 'top', 'trace']);
    const help = new Map(
      await Promise.all(names.map(async (name) => [name, (await posthorn([...name.split(' '), '--help'])).stdout] as const)),
    );
    for (const [line, name = '', rest = ''] of commands) {
      expect(help.get(name), line).toContain(`Usage: posthorn ${name} `);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(help.get(name), line).toContain(option);
    }
  });

  test('shows the output of a run, in 80 columns but for commands and metrics', () => {
    const shown = shownInDocument();
    for (const scene of SCENES) {
      const { text } = shown[scene];
      expect(text).not.toContain('to be run');
      if (scene === 'metrics') continue;
      expect(text.split('\n').filter((line) => line.length > 80 && !line.trim().startsWith('npx posthorn '))).toEqual([]);
    }
  });

  test('shows one kind for lines that differ in ids, times and numbers, and two for others', () => {
    const of = (...lines: readonly string[]) => kindsOfLines({ command: '', text: lines.join('\n') }).length - 1;

    expect(of('  +1.5 s  a  ░░░█   retry in 9m 3s', '+12 ms  a ·· retry in 12 s')).toBe(1);
    expect(of('stock   0.1   -   12', 'stock   -   1   -')).toBe(1);
    expect(of('a  ░░  processed', 'a  ░░  rejected')).toBe(2);
  });
});
