/**
 * The records that outboxes name and the index has not shown: it is read before what is sent meanwhile, and DynamoDB writes it a moment
 * later. It holds the keys of those, and of records that it has met before their sender.
 */
export class UnreadRecords {
  readonly #unread = new Set<string>();
  readonly #early = new Set<string>();

  /** A record was read. */
  read(key: string): void {
    if (!this.#unread.delete(key)) this.#early.add(key);
  }

  /** An outbox names a message that has a record. */
  named(key: string): void {
    if (!this.#early.delete(key)) this.#unread.add(key);
  }

  /** Takes so many that are unread, at most. */
  take(most: number): readonly string[] {
    const keys = [...this.#unread.values().take(most)];
    for (const key of keys) this.#unread.delete(key);
    return keys;
  }
}
