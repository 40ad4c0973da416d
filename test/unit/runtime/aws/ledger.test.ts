import { BatchExecuteStatementCommand, BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { DynamoDbLedger } from '../../../../functions/runtime/aws/dynamodb-ledger.ts';
import { fromItem, toItem } from '../../../../functions/runtime/aws/ledger-item.ts';
import { toStatement } from '../../../../functions/runtime/aws/ledger-statement.ts';
import type { LedgerRecord } from '../../../../functions/runtime/ledger-record.ts';

const least: LedgerRecord = {
  messageKey: 'testing /tests a',
  revision: 'r2',
  agent: 'testing',
  generation: 0,
  digest: 'd',
  sender: 'AIDA',
  startedAt: 1,
  attempts: [],
  expiresAt: 2,
};
const reference = { uri: 's3://content/k', digest: 'sha-256:0', sizeBytes: 3, contentType: 'application/json' };
const full: LedgerRecord = {
  ...least,
  attempts: [{ at: 3, code: 'Busy', reason: 'größe 🙂', kind: 'transient' }],
  claim: { owner: 'o', expiresAt: 4 },
  outcome: 'processed',
  endedAt: 5,
  error: { code: 'Busy', reason: '', kind: 'unknown' },
  result: { n: 1e300, deep: [[[{ a: null }]]], '': '', text: '\uD800' },
  resultRef: reference,
  outbox: [{ to: 'other', body: '{}' }, { body: '' }],
  outboxRef: reference,
  traceId: 't',
};

describe('A ledger item', () => {
  it.each([
    ['least', least],
    ['full', full],
    ['with null as its result', { ...least, result: null }],
    ['with false as its result', { ...least, result: false }],
  ])('is the record again: %s', (_what, record) => {
    expect(fromItem(toItem(record))).toEqual(record);
  });

  it.each([
    ['another outcome', { ...toItem(full), outcome: { S: 'forgotten' } }],
    ['no digest', { messageKey: { S: 'k' } }],
    ['a result that is no JSON', { ...toItem(least), result: { S: '{' } }],
  ])('with %s is refused', (_what, item) => {
    expect(() => fromItem(item)).toThrow();
  });
});

describe('toStatement', () => {
  it('inserts what was not there', () => {
    expect(toStatement('ledger', { record: least, expectedRevision: undefined })).toEqual({
      Statement: `INSERT INTO "ledger" VALUE {'messageKey': ?, 'revision': ?, 'agent': ?, 'generation': ?, 'digest': ?, 'sender': ?, 'startedAt': ?, 'attempts': ?, 'expiresAt': ?}`,
      Parameters: [
        { S: 'testing /tests a' },
        { S: 'r2' },
        { S: 'testing' },
        { N: '0' },
        { S: 'd' },
        { S: 'AIDA' },
        { N: '1' },
        { L: [] },
        { N: '2' },
      ],
    });
  });

  it('updates the revision that was read, and removes what the record no longer has', () => {
    const { Statement, Parameters } = toStatement('ledger', { record: { ...least, outcome: 'processed' }, expectedRevision: 'r1' });

    expect(Statement).toBe(
      'UPDATE "ledger" SET "revision"=? SET "agent"=? SET "generation"=? SET "digest"=? SET "sender"=? SET "startedAt"=? SET "attempts"=? SET "expiresAt"=? SET "outcome"=? ' +
        'REMOVE "claim" REMOVE "endedAt" REMOVE "error" REMOVE "result" REMOVE "resultRef" REMOVE "outbox" REMOVE "outboxRef" REMOVE "traceId" ' +
        'WHERE "messageKey"=? AND "revision"=?',
    );
    expect(Parameters?.slice(-3)).toEqual([{ S: 'processed' }, { S: 'testing /tests a' }, { S: 'r1' }]);
  });

  it('removes nothing that a full record has, and names every attribute that may be missing', () => {
    expect(toStatement('ledger', { record: full, expectedRevision: 'r1' }).Statement).not.toContain('REMOVE');
    const optional = Object.keys(full).filter((name) => !(name in least));
    const { Statement } = toStatement('ledger', { record: least, expectedRevision: 'r1' });
    for (const name of optional) expect(Statement).toContain(`REMOVE "${name}"`);
  });
});

describe('DynamoDbLedger', () => {
  it('answers each key for itself: found, missing, throttled, unreadable', async () => {
    const ledger = new DynamoDbLedger(
      answering((command) => {
        expect(command).toBeInstanceOf(BatchGetItemCommand);
        return {
          Responses: { ledger: [toItem({ ...least, messageKey: 'found' }), { messageKey: { S: 'unreadable' } }] },
          UnprocessedKeys: { ledger: { Keys: [{ messageKey: { S: 'throttled' } }] } },
        };
      }),
      'ledger',
    );

    const answers = await ledger.read(['found', 'missing', 'throttled', 'unreadable']);

    expect(answers).toEqual([{ ...least, messageKey: 'found' }, undefined, expect.any(Error), expect.any(Error)]);
    expect(answers[3]).toMatchObject({ message: expect.stringContaining('unreadable'), cause: expect.anything() });
  });

  it('answers each write for itself: written, conflict, not known', async () => {
    const codes = [undefined, 'DuplicateItem', 'ConditionalCheckFailed', 'ThrottlingError'] as const;
    const ledger = new DynamoDbLedger(
      answering((command) => {
        expect(command).toBeInstanceOf(BatchExecuteStatementCommand);
        return { Responses: codes.map((Code) => (Code ? { Error: { Code, Message: 'said DynamoDB' } } : {})) };
      }),
      'ledger',
    );

    const answers = await ledger.write(
      [1, 2, 3, 4, 5].map((n) => ({ record: { ...least, messageKey: `k${n}` }, expectedRevision: undefined })),
    );

    expect(answers).toEqual([
      'written',
      'conflict',
      'conflict',
      new Error('ThrottlingError: said DynamoDB'),
      new Error('DynamoDB gave no answer for a statement'),
    ]);
  });
});

/** A client whose requests end before they leave. */
function answering(answer: (command: unknown) => object): DynamoDBClient {
  const client = new DynamoDBClient({ region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  return Object.assign(client, { send: async (command: unknown) => answer(command) });
}
