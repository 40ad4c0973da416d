import { expect, test } from 'vitest';
import { stuckTable } from '../../../cli/commands/stuck/stuck-table.ts';

const ID = '6312a73b-d233-8122-a8c8-896c7087be2d';
const ROWS = [
  {
    agent: 'stock-keeping',
    stillFor: '51.2 s',
    id: ID,
    why: 'retry in 9m 8s; attempt 1: Http503: the warehouse answers 503, and says no more',
  },
  { agent: 'billing', stillFor: '3m 1s', id: 'order-1', why: 'retry is due since 2m 3s: SQS has not delivered it again' },
];

test.each([undefined, 160])('reasons are in the table of a terminal of %s columns', (columns) => {
  expect(stuckTable(ROWS, columns).split('\n')).toEqual([
    'AGENT           STILL FOR   ID                                     WHY',
    `stock-keeping   51.2 s      ${ID}   ${ROWS[0]?.why}`,
    `billing         3m 1s       order-1                                ${ROWS[1]?.why}`,
  ]);
});

test('in a terminal of 80 columns each reason is below its message, and ids stay whole', () => {
  expect(stuckTable(ROWS, 80).split('\n')).toEqual([
    'AGENT           STILL FOR   ID',
    `stock-keeping   51.2 s      ${ID}`,
    '  retry in 9m 8s; attempt 1: Http503: the warehouse answers 503, and says no',
    '    more',
    'billing         3m 1s       order-1',
    '  retry is due since 2m 3s: SQS has not delivered it again',
  ]);
});
