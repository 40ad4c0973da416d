import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import { OPTIONAL_ATTRIBUTES } from '../../../events/ledger-record.ts';
import type { LedgerWrite } from '../ports.ts';
import { toItem } from './ledger-item.ts';

/**
 * The conditional write of a record as PartiQL: INSERT fails if the item exists, UPDATE if it has another revision.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
 */
export function toStatement(tableName: string, { record, expectedRevision }: LedgerWrite): BatchStatementRequest {
  const { messageKey, ...attributes } = toItem(record);
  if (messageKey === undefined) throw new Error('a record without messageKey');
  if (expectedRevision === undefined) {
    let others = '';
    for (const name in attributes) others += `, '${name}': ?`;
    return {
      Statement: `INSERT INTO "${tableName}" VALUE {'messageKey': ?${others}}`,
      Parameters: [messageKey, ...Object.values(attributes)],
    };
  }
  const set = Object.keys(attributes).map((name) => `SET "${name}"=?`);
  const remove = OPTIONAL_ATTRIBUTES.filter((name) => !(name in attributes)).map((name) => `REMOVE "${name}"`);
  return {
    Statement: `UPDATE "${tableName}" ${[...set, ...remove].join(' ')} WHERE "messageKey"=? AND "revision"=?`,
    Parameters: [...Object.values(attributes), messageKey, { S: expectedRevision }],
  };
}
