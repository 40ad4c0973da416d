import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementErrorCodeEnum,
  type BatchStatementRequest,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../../events/ledger-record.ts';
import { DynamoDbLedger } from '../../../../functions/runtime/aws/dynamodb-ledger.ts';
import { fromItem, toItem } from '../../../../functions/runtime/aws/ledger-item.ts';
import { toStatement } from '../../../../functions/runtime/aws/ledger-statement.ts';
import { systemClock, systemEntropy } from '../../../../functions/runtime/aws/system.ts';
import type { LedgerWrite } from '../../../../functions/runtime/ports.ts';

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
  sentAt: 1,
  receivedAt: 2,
  attempts: [
    { at: 3, from: 2, code: 'Busy', reason: 'größe 🙂', kind: 'transient', usage: [{ model: 'm-1', inputTokens: 7, outputTokens: 0 }] },
  ],
  access: { principal: 'producer:shop', action: 'redrive', rule: 'role:operator', redrivenBy: 'producer:ada' },
  claim: { owner: 'o', expiresAt: 4 },
  outcome: 'processed',
  handledAt: 4,
  usage: [
    { model: 'm-1', inputTokens: 1, outputTokens: 2 },
    { model: 'größe', inputTokens: 0, outputTokens: 3 },
  ],
  endedAt: 5,
  error: { code: 'Busy', reason: '', kind: 'unknown' },
  result: { n: 1e300, deep: [[[{ a: null }]]], '': '', text: '\uD800' },
  resultRef: reference,
  outbox: [{ to: 'other', body: '{}' }, { body: '' }],
  outboxRef: reference,
  journey: 'a#0',
  open: 'testing#0',
  since: 5,
  dueAt: 6,
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
        'REMOVE "access" REMOVE "sentAt" REMOVE "receivedAt" REMOVE "claim" REMOVE "handledAt" REMOVE "usage" REMOVE "endedAt" REMOVE "error" ' +
        'REMOVE "result" REMOVE "resultRef" REMOVE "outbox" REMOVE "outboxRef" REMOVE "journey" REMOVE "open" REMOVE "since" REMOVE "dueAt" REMOVE "traceId" ' +
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
  it('answers each key for itself: found, missing, unreadable', async () => {
    const { ledger } = openLedger(() => ({
      Responses: { ledger: [toItem({ ...least, messageKey: 'found' }), { messageKey: { S: 'unreadable' } }] },
    }));

    const answers = await ledger.read(['found', 'missing', 'unreadable']);

    expect(answers).toEqual([{ ...least, messageKey: 'found' }, undefined, expect.any(Error)]);
    expect(answers[2]).toMatchObject({ message: expect.stringContaining('unreadable'), cause: expect.anything() });
  });

  it('asks again for the keys that were left unprocessed, and only for those', async () => {
    const { ledger, asked } = openLedger(
      () => ({ Responses: { ledger: [itemOf('a')] }, UnprocessedKeys: unprocessed('b', 'c', 'd') }),
      () => ({ Responses: { ledger: [itemOf('c')] }, UnprocessedKeys: unprocessed('d') }),
      () => ({ Responses: { ledger: [itemOf('d')] } }),
    );

    expect(await ledger.read(['a', 'b', 'c', 'd'])).toEqual([
      { ...least, messageKey: 'a' },
      undefined,
      { ...least, messageKey: 'c' },
      { ...least, messageKey: 'd' },
    ]);
    expect(asked).toEqual([['a', 'b', 'c', 'd'], ['b', 'c', 'd'], ['d']]);
  });

  it('does not know of a key that is left unprocessed again and again', async () => {
    const { ledger, asked } = openLedger(() => ({ Responses: { ledger: [itemOf('a')] }, UnprocessedKeys: unprocessed('b') }));

    expect(await ledger.read(['b', 'a'])).toEqual([expect.any(Error), { ...least, messageKey: 'a' }]);
    expect(asked).toEqual([['b', 'a'], ['b'], ['b']]);
  });

  it('answers each write for itself: written, conflict, refused, not known', async () => {
    const { ledger, asked, pauses } = openLedger(() =>
      answersOf(undefined, 'DuplicateItem', 'ConditionalCheckFailed', 'ValidationError', 'AccessDenied'),
    );

    expect(await ledger.write(writesOf('a', 'b', 'c', 'd', 'e', 'f'))).toEqual([
      'written',
      'conflict',
      'conflict',
      new Error('ValidationError: said DynamoDB'),
      new Error('AccessDenied: said DynamoDB'),
      new Error('DynamoDB gave no answer for a statement'),
    ]);
    expect(asked).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it.each([
    'ProvisionedThroughputExceeded',
    'RequestLimitExceeded',
    'ThrottlingError',
    'InternalServerError',
    'TransactionConflict',
  ] as const)('writes again what was answered with %s, after a pause and over the same revision', async (code) => {
    const { ledger, asked, pauses, statements } = openLedger(
      () => answersOf(code, undefined, code),
      () => answersOf(undefined, 'ConditionalCheckFailed'),
    );

    // The last one was applied after all: its revision has changed, which the caller finds to be its own.
    expect(await ledger.write(writesOf('a', 'b', 'c'))).toEqual(['written', 'written', 'conflict']);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
    expect(statements.slice(3)).toEqual([statements[0], statements[2]]);
    expect(pauses).toEqual([75]);
  });

  it('does not know of a write that is throttled again and again', async () => {
    const { ledger, asked, pauses } = openLedger(
      () => answersOf(undefined, 'ThrottlingError'),
      () => answersOf('ThrottlingError'),
    );

    expect(await ledger.write(writesOf('a', 'b'))).toEqual([
      'written',
      expect.objectContaining({ message: 'ThrottlingError: said DynamoDB' }),
    ]);
    expect(asked).toEqual([['a', 'b'], ['b'], ['b']]);
    expect(pauses).toEqual([75, 150]);
  });

  it('keeps the answers it has when it is not answered again', async () => {
    const cause = new Error('no connection');
    const { ledger } = openLedger(
      () => answersOf(undefined, 'ThrottlingError', 'DuplicateItem'),
      () => {
        throw cause;
      },
    );

    const answers = await ledger.write(writesOf('a', 'b', 'c'));

    expect(answers).toEqual(['written', expect.objectContaining({ cause }), 'conflict']);
  });

  it('fails as a whole when it is not answered at all', async () => {
    const { ledger } = openLedger(() => {
      throw new Error('no connection');
    });

    await expect(ledger.read(['a'])).rejects.toThrow('no connection');
    await expect(ledger.write(writesOf('a'))).rejects.toThrow('no connection');
  });

  it('writes the others when one record has no form', async () => {
    const [a, b, c] = writesOf('a', 'b', 'c').map((write, index) =>
      index === 1 ? { ...write, record: { ...write.record, startedAt: Number.NaN } } : write,
    );
    if (!(a && b && c)) throw new Error('there are three');
    const { ledger, asked } = openLedger(() => answersOf(undefined, 'DuplicateItem'));

    const answers = await ledger.write([a, b, c]);

    expect(answers).toEqual(['written', expect.any(Error), 'conflict']);
    expect(answers[1]).toMatchObject({ message: expect.stringContaining("'b'"), cause: expect.any(Error) });
    expect(asked).toEqual([['a', 'c']]);
    expect(await ledger.write([b])).toEqual([expect.any(Error)]);
    expect(asked).toHaveLength(1);
  });
});

const itemOf = (messageKey: string) => toItem({ ...least, messageKey });
const unprocessed = (...keys: readonly string[]) => ({ ledger: { Keys: keys.map((key) => ({ messageKey: { S: key } })) } });
const writesOf = (...keys: readonly string[]): LedgerWrite[] =>
  keys.map((messageKey) => ({ record: { ...least, messageKey }, expectedRevision: 'r1' }));
const answersOf = (...codes: readonly (BatchStatementErrorCodeEnum | undefined)[]) => ({
  Responses: codes.map((Code) => (Code ? { Error: { Code, Message: 'said DynamoDB' } } : {})),
});

/** @param answers to the first request, the second, and so on; the last one to all that come after it */
function openLedger(...answers: readonly (() => object)[]) {
  const asked: (string | undefined)[][] = [];
  const statements: BatchStatementRequest[] = [];
  const pauses: number[] = [];
  const client = new DynamoDBClient({ region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const send = async (command: unknown) => {
    if (command instanceof BatchGetItemCommand)
      asked.push((command.input.RequestItems?.ledger?.Keys ?? []).map(({ messageKey }) => messageKey?.S));
    else if (command instanceof BatchExecuteStatementCommand) {
      const { Statements = [] } = command.input;
      statements.push(...Statements);
      asked.push(Statements.map(({ Parameters = [] }) => Parameters.at(-2)?.S));
    }
    return (answers[asked.length - 1] ?? answers.at(-1))?.();
  };
  const after = (delayMs: number, callback: () => void) => {
    pauses.push(delayMs);
    setImmediate(callback);
    return () => {};
  };
  const time = { clock: { ...systemClock, after }, entropy: { ...systemEntropy, fraction: () => 0.5 } };
  return { ledger: new DynamoDbLedger(Object.assign(client, { send }), 'ledger', time), asked, statements, pauses };
}
