import { BatchExecuteStatementCommand, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LedgerRecord } from '../ledger-record.ts';
import type { Ledger, LedgerWrite } from '../ports.ts';
import { fromItem, type LedgerItem } from './ledger-item.ts';
import { toStatement } from './ledger-statement.ts';

/** The ledger in a DynamoDB table. */
export class DynamoDbLedger implements Ledger {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  async read(messageKeys: readonly string[]): Promise<readonly (LedgerRecord | undefined | Error)[]> {
    const { Responses, UnprocessedKeys } = await this.#client.send(
      new BatchGetItemCommand({
        RequestItems: { [this.#tableName]: { Keys: messageKeys.map((key) => ({ messageKey: { S: key } })), ConsistentRead: true } },
      }),
    );
    const items = new Map((Responses?.[this.#tableName] ?? []).map((item) => [item.messageKey?.S, item]));
    const unprocessed = new Set((UnprocessedKeys?.[this.#tableName]?.Keys ?? []).map((key) => key.messageKey?.S));
    return messageKeys.map((key) => {
      if (unprocessed.has(key)) return new Error('DynamoDB left the key unprocessed: the table is throttled');
      const item = items.get(key);
      return item && parseItem(item);
    });
  }

  async write(writes: readonly LedgerWrite[]): Promise<readonly ('written' | 'conflict' | Error)[]> {
    const { Responses } = await this.#client.send(
      new BatchExecuteStatementCommand({ Statements: writes.map((write) => toStatement(this.#tableName, write)) }),
    );
    return writes.map((_write, index) => {
      const answer = Responses?.[index];
      if (answer === undefined) return new Error('DynamoDB gave no answer for a statement');
      if (answer.Error === undefined) return 'written';
      const { Code, Message } = answer.Error;
      return Code === 'DuplicateItem' || Code === 'ConditionalCheckFailed' ? 'conflict' : new Error(`${Code}: ${Message}`);
    });
  }
}

/** An item that cannot be read is the trouble of its own message, not of those that were looked up with it. */
function parseItem(item: LedgerItem): LedgerRecord | Error {
  try {
    return fromItem(item);
  } catch (cause) {
    return new Error(`the record of ${item.messageKey?.S} was not written by this version`, { cause });
  }
}
