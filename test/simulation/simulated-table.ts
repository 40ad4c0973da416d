import type { LedgerRecord } from '../../events/ledger-record.ts';
import type { LedgerWrite } from '../../functions/runtime/ports.ts';

/** The ledger table: conditional writes of whole records. */
export class SimulatedTable {
  readonly #records = new Map<string, LedgerRecord>();
  readonly #previous = new Map<string, LedgerRecord>();

  read(key: string): LedgerRecord | undefined {
    return this.#records.get(key);
  }

  /** As an eventually consistent read may see it: before the last write. */
  readStale(key: string): LedgerRecord | undefined {
    return this.#previous.get(key);
  }

  write({ record, expectedRevision }: LedgerWrite): 'written' | 'conflict' {
    const standing = this.#records.get(record.messageKey);
    if (standing?.revision !== expectedRevision) return 'conflict';
    if (standing) this.#previous.set(record.messageKey, standing);
    this.#records.set(record.messageKey, record);
    return 'written';
  }
}
