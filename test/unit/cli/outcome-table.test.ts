import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { ObservedHop } from '../../../cli/commands/dev/samples/differences.ts';
import { outcomeTable } from '../../../cli/commands/dev/samples/outcome-table.ts';
import type { SampleRun } from '../../../cli/commands/dev/samples/sample-run.ts';

const hop = (agent: string, outcome: ObservedHop['outcome'], code?: string, attempts = 0): ObservedHop => ({
  messageKey: `${agent} /source ${Math.random()}`,
  agent,
  outcome,
  code,
  attempts,
});

const run = (name: string, hops: readonly ObservedHop[], differences: readonly string[] = []): SampleRun => ({
  name,
  observed: { hops, facts: {}, replies: 0 },
  differences,
  seconds: 1,
});

const tableOf = (shown: readonly SampleRun[], columns: number): string => stripVTControlCharacters(outcomeTable(shown, columns));

const runs = [
  run('document-pdf', [hop('document-extraction', 'processed'), hop('sentiment-analysis', 'processed')]),
  run('payment-rate-limited', [hop('order-processing', 'processed', undefined, 1)]),
  run('payment-down', [hop('order-processing', 'dead-lettered', 'Http503', 4)]),
  run('text-invalid', [hop('sentiment-analysis', 'rejected', 'UnsupportedLanguage', 1)]),
  run('poison', [hop('order-processing', 'rejected', 'InvalidEnvelope', 1), hop('order-processing', 'rejected', 'InvalidEnvelope', 1)]),
  run('slow', [hop('order-processing', undefined)], ['order-processing: processed: expected 1, got 0']),
  run('astray', [], ['there is no such agent']),
];

test('each sample tells what became of it, and whether that is what it declares', () => {
  expect(tableOf(runs, 80)).toBe(
    [
      '  SAMPLE                AGENT                OUTCOME                       TRIES',
      '✔ document-pdf          document-extraction  processed                         1',
      '                        sentiment-analysis   processed                         1',
      '✔ payment-rate-limited  order-processing     processed                         2',
      '✔ payment-down          order-processing     dead-lettered Http503             4',
      '✔ text-invalid          sentiment-analysis   rejected UnsupportedLanguage      1',
      '✔ poison                order-processing     rejected ×2 InvalidEnvelope       1',
      '✘ slow                  order-processing     pending                           1',
      '✘ astray                                     nothing seen',
    ].join('\n'),
  );
});

test.each([40, 60, 79])('in a terminal of %i columns no line is longer, and the reason is still there', (columns) => {
  const lines = tableOf(runs, columns).split('\n');

  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  expect(lines.join('\n')).toContain('Invalid');
});

test('a pipe has no width', () => {
  const name = 'a'.repeat(200);

  expect(tableOf([run(name, [hop('order-processing', 'processed')])], Number.POSITIVE_INFINITY)).toContain(
    `✔ ${name}  order-processing  processed      1`,
  );
});
