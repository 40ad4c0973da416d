import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromItem, toItem } from '../../../functions/runtime/aws/ledger-item.ts';
import { toStatement } from '../../../functions/runtime/aws/ledger-statement.ts';
import { anyRecord } from './arbitraries.ts';

describe('A ledger item', () => {
  it('is the record again, whatever it holds', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(fromItem(toItem(record))).toEqual(record);
      }),
    );
  });

  it('is written by a statement with a parameter for each mark, naming each attribute once', () => {
    fc.assert(
      fc.property(anyRecord, fc.option(fc.string(), { nil: undefined }), (record, expectedRevision) => {
        const { Statement = '', Parameters = [] } = toStatement('ledger', { record, expectedRevision });

        expect(Statement.split('?').length - 1).toBe(Parameters.length);
        const names = [...Statement.matchAll(/(?:SET|REMOVE) "(\w+)"/g)].map(([, name]) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(Statement.length).toBeLessThan(8_192);
      }),
    );
  });
});
