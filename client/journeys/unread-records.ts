/**
 * Tells which records were read, and which are still to be read: those that an outbox names and the index has not shown. It is read before
 * what is sent meanwhile, and DynamoDB writes it later than the table.
 */
export class UnreadRecords {
  readonly #read = new Set<string>();
  readonly #unread = new Set<string>();

  /** @returns whether this record was not read before */
  read(key: string): boolean {
    if (this.#read.has(key)) return false;
    this.#read.add(key);
    this.#unread.delete(key);
    return true;
  }

  /** There is a record of this message. */
  named(key: string): void {
    if (!this.#read.has(key)) this.#unread.add(key);
  }

  /** Takes so many that are unread, at most. */
  take(most: number): readonly string[] {
    const keys = [...this.#unread.values().take(most)];
    for (const key of keys) this.#unread.delete(key);
    return keys;
  }
}
