import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { convertToAttr, unmarshall } from '@aws-sdk/util-dynamodb';
import { type LedgerRecord, ledgerRecordSchema, toStoredRecord } from '../../../events/ledger-record.ts';

export type LedgerItem = Record<string, AttributeValue>;

/** As `marshall` would. Most attributes are text and whole numbers, for which its general way takes twenty times the memory. */
export function toItem(record: LedgerRecord): LedgerItem {
  const stored = toStoredRecord(record);
  const item: LedgerItem = {};
  for (const name in stored) {
    const value = stored[name];
    if (typeof value === 'string') item[name] = { S: value };
    else if (Number.isSafeInteger(value)) item[name] = { N: String(value) };
    else if (value !== undefined) item[name] = convertToAttr(value, { removeUndefinedValues: true });
  }
  return item;
}

/** @throws z.core.$ZodError for an item that this version did not write */
export const fromItem = (item: LedgerItem): LedgerRecord => ledgerRecordSchema.parse(unmarshall(item));
