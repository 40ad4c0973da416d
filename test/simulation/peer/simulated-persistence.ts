import {
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  IdempotencyRecordStatus,
} from '@aws-lambda-powertools/idempotency';
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import { LEDGER, LEDGER_READ } from '../simulated-ports.ts';
import type { SimulatedProcess } from '../simulated-process.ts';

/** The idempotency table of all processes: plain copies of the records, by key. */
export type IdempotencyTable = Map<string, ConstructorParameters<typeof IdempotencyRecord>[0]>;

/**
 * Powertools' DynamoDBPersistenceLayer 2.35.0, condition by condition, on the simulated table with its faults.
 *
 * @see https://github.com/aws-powertools/powertools-lambda-typescript/blob/v2.35.0/packages/idempotency/src/persistence/DynamoDBPersistenceLayer.ts
 */
export class SimulatedPersistence extends BasePersistenceLayer {
  readonly #process: SimulatedProcess;
  readonly #table: IdempotencyTable;

  constructor(process: SimulatedProcess, table: IdempotencyTable) {
    super();
    this.#process = process;
    this.#table = table;
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    const isRetried = this.#process.strikes('ledger-retried');
    const put = (): IdempotencyRecord | undefined => {
      const found = this.#table.get(record.idempotencyKey);
      const existing = found && new IdempotencyRecord(found);
      const isFree =
        existing === undefined ||
        (existing.expiryTimestamp ?? 0) < Date.now() / 1_000 ||
        (found?.status === IdempotencyRecordStatus.INPROGRESS &&
          (existing.inProgressExpiryTimestamp ?? Number.POSITIVE_INFINITY) < Date.now());
      if (!isFree) return existing;
      this.#table.set(record.idempotencyKey, copyOf(record));
      return undefined;
    };
    const existing = await this.#process.request(LEDGER, () => {
      const first = put();
      // The SDK's second try finds its own first, and takes it for another's.
      return first === undefined && isRetried ? put() : first;
    });
    if (existing) throw new IdempotencyItemAlreadyExistsError(`there is a record of ${record.idempotencyKey}`, existing);
  }

  protected override async _getRecord(key: string): Promise<IdempotencyRecord> {
    const found = await this.#process.request(LEDGER_READ, () => this.#table.get(key));
    if (found === undefined) throw new IdempotencyItemNotFoundError();
    return new IdempotencyRecord(found);
  }

  protected override async _updateRecord(record: IdempotencyRecord): Promise<void> {
    await this.#process.request(LEDGER, () => {
      this.#table.set(record.idempotencyKey, { ...this.#table.get(record.idempotencyKey), ...copyOf(record) });
    });
  }

  protected override async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await this.#process.request(LEDGER, () => void this.#table.delete(record.idempotencyKey));
  }
}

function copyOf(record: IdempotencyRecord): ConstructorParameters<typeof IdempotencyRecord>[0] {
  return {
    idempotencyKey: record.idempotencyKey,
    status: record.getStatus(),
    ...(record.expiryTimestamp !== undefined && { expiryTimestamp: record.expiryTimestamp }),
    ...(record.inProgressExpiryTimestamp !== undefined && { inProgressExpiryTimestamp: record.inProgressExpiryTimestamp }),
    ...(record.responseData !== undefined && { responseData: record.responseData }),
  };
}
