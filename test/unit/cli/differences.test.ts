import { describe, expect, test } from 'vitest';
import { differences, expectedHops, type ObservedHop } from '../../../cli/commands/dev/samples/differences.ts';
import { sampleSchema } from '../../../events/sample.ts';

const hop = (agent: string, outcome: ObservedHop['outcome'], code?: string): ObservedHop => ({
  messageKey: `${agent} /source ${Math.random()}`,
  agent,
  outcome,
  code,
  attempts: 0,
});

const declared = (expectation: object) =>
  sampleSchema.parse({ title: 't', description: 'd', agent: 'orders', events: [{ id: 'e' }], expect: expectation }).expect;

describe('what a sample declares, against what was observed', () => {
  const expected = declared({
    outcomes: { orders: { processed: 2, rejected: 1, codes: ['Declined'] } },
    facts: { refunds: 1 },
    charges: 2,
    replies: 2,
  });
  const [one, declined, another] = [hop('orders', 'processed'), hop('orders', 'rejected', 'Declined'), hop('orders', 'processed')] as const;
  const asDeclared = [one, declined, another];

  test('has no difference when all is as declared', () => {
    expect(differences(expected, { hops: asDeclared, facts: { charges: 2, refunds: 1 }, replies: 2 })).toEqual([]);
    expect(expectedHops(expected)).toBe(3);
  });

  test.for([
    ['a message too few', [declined, another], ['orders: processed: expected 2, got 1']],
    ['a message too many', [...asDeclared, hop('orders', 'processed')], ['orders: processed: expected 2, got 3']],
    [
      'another outcome',
      [one, declined, hop('orders', 'dead-lettered', 'Declined')],
      ['orders: processed: expected 2, got 1', 'orders: dead-lettered: expected 0, got 1'],
    ],
    ['another code', [one, hop('orders', 'rejected', 'Odd'), another], ['orders: codes: expected Declined, got Odd']],
    ['an agent that is not named', [...asDeclared, hop('reports', 'processed')], ['reports: processed: expected 0, got 1']],
    ['a message under way', [...asDeclared, hop('orders', undefined)], ['orders: without outcome: expected 0, got 1']],
  ] as const)('names %s', ([_what, hops, sentences]) => {
    expect(differences(expected, { hops, facts: { charges: 2, refunds: 1 }, replies: 2 })).toEqual(sentences);
  });

  test('names what happened outside the mesh, and replies', () => {
    expect(differences(expected, { hops: asDeclared, facts: { charges: 3, parcels: 1 }, replies: 0 })).toEqual([
      'charges: expected 2, got 3',
      'parcels: expected 0, got 1',
      'refunds: expected 1, got 0',
      'replies: expected 2, got 0',
    ]);
  });
});
