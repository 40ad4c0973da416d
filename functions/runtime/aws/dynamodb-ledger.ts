import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementErrorCodeEnum,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import type { Ledger, LedgerWrite, Ports } from '../ports.ts';
import { fromItem, type LedgerItem } from './ledger-item.ts';
import { toStatement } from './ledger-statement.ts';
import { retryThrottled, Throttled } from './retry-throttled.ts';
import { systemClock, systemEntropy } from './system.ts';

/** Error codes of single statements that DynamoDB would accept later, in a response that succeeded as a whole. */
const THROTTLES: ReadonlySet<string | undefined> = new Set<BatchStatementErrorCodeEnum>([
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'InternalServerError',
  'TransactionConflict',
]);

/**
 * The ledger in a DynamoDB table. Throttled items are requested again, twice at most. Each write names the revision that it
 * replaces: a write that was applied after all conflicts with itself, and the current record has its revision.
 */
export class DynamoDbLedger implements Ledger {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #time: Pick<Ports, 'clock' | 'entropy'>;

  /** @param time paces the repeated requests. @default the system's */
  constructor(
    client: DynamoDBClient,
    tableName: string,
    time: Pick<Ports, 'clock' | 'entropy'> = { clock: systemClock, entropy: systemEntropy },
  ) {
    this.#client = client;
    this.#tableName = tableName;
    this.#time = time;
  }

  read(messageKeys: readonly string[]): Promise<readonly (LedgerRecord | undefined | Error)[]> {
    return retryThrottled(messageKeys, (keys) => this.#get(keys), this.#time);
  }

  write(writes: readonly LedgerWrite[]): Promise<readonly ('written' | 'conflict' | Error)[]> {
    return retryThrottled(writes, (some) => this.#execute(some), this.#time);
  }

  async #get(messageKeys: readonly string[]): Promise<(LedgerRecord | undefined | Error)[]> {
    const { Responses, UnprocessedKeys } = await this.#client.send(
      new BatchGetItemCommand({
        RequestItems: { [this.#tableName]: { Keys: messageKeys.map((key) => ({ messageKey: { S: key } })), ConsistentRead: true } },
      }),
    );
    const items = new Map((Responses?.[this.#tableName] ?? []).map((item) => [item.messageKey?.S, item]));
    const unprocessed = new Set((UnprocessedKeys?.[this.#tableName]?.Keys ?? []).map((key) => key.messageKey?.S));
    return messageKeys.map((key) => {
      if (unprocessed.has(key)) return new Throttled('DynamoDB left the key unprocessed');
      const item = items.get(key);
      return item && parseItem(item);
    });
  }

  async #execute(writes: readonly LedgerWrite[]): Promise<('written' | 'conflict' | Error)[]> {
    const statements = writes.map((write) => makeStatement(this.#tableName, write));
    const Statements = statements.flatMap((statement) => (statement instanceof Error ? [] : [statement]));
    const output = Statements.length > 0 ? await this.#client.send(new BatchExecuteStatementCommand({ Statements })) : undefined;
    const answers = (output?.Responses ?? []).values();
    return statements.map((statement) => (statement instanceof Error ? statement : readAnswer(answers.next().value)));
  }
}

/** A record that cannot be serialized fails its own message only, not those that are written with it. */
function makeStatement(tableName: string, write: LedgerWrite): BatchStatementRequest | Error {
  try {
    return toStatement(tableName, write);
  } catch (cause) {
    return new Error(`the record of '${write.record.messageKey}' cannot be written`, { cause });
  }
}

function readAnswer(answer: BatchStatementResponse | undefined): 'written' | 'conflict' | Error {
  if (answer === undefined) return new Error('DynamoDB gave no answer for a statement');
  if (answer.Error === undefined) return 'written';
  const { Code, Message } = answer.Error;
  if (Code === 'DuplicateItem' || Code === 'ConditionalCheckFailed') return 'conflict';
  return THROTTLES.has(Code) ? new Throttled(`${Code}: ${Message}`) : new Error(`${Code}: ${Message}`);
}

/** An item that cannot be read fails its own message only, not those that were looked up with it. */
function parseItem(item: LedgerItem): LedgerRecord | Error {
  try {
    return fromItem(item);
  } catch (cause) {
    return new Error(`the record of ${item.messageKey?.S} was not written by this version`, { cause });
  }
}
