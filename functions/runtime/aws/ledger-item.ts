import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type LedgerRecord, ledgerRecordSchema, toStoredRecord } from '../../../events/ledger-record.ts';

export type LedgerItem = Record<string, AttributeValue>;

export const toItem = (record: LedgerRecord): LedgerItem => marshall(toStoredRecord(record), { removeUndefinedValues: true });

/** @throws z.core.$ZodError for an item that this version did not write */
export const fromItem = (item: LedgerItem): LedgerRecord => ledgerRecordSchema.parse(unmarshall(item));
