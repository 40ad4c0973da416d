import type { InvocationEvent } from '../local/lambda/event-source.ts';

/** The invocations that have ended, and a promise of the next one. */
export class Invocations {
  readonly #acknowledged = new Set<string>();
  #next = Promise.withResolvers<void>();

  add({ messageIds, failedMessageIds }: InvocationEvent): void {
    for (const id of messageIds) if (!failedMessageIds.includes(id)) this.#acknowledged.add(id);
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers<void>();
    resolve();
  }

  /** Whether an invocation has finished a message, by the id that SQS assigned: its outcome is recorded, and its outbox is sent. */
  hasAcknowledged(messageId: string): boolean {
    return this.#acknowledged.has(messageId);
  }

  /** Resolves when the next invocation has ended. */
  next(): Promise<void> {
    return this.#next.promise;
  }
}
