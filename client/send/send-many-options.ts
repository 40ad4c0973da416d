import type { PreparedMessage, PrepareOptions } from './prepare-event.ts';

/** How {@link MeshClient.sendMany} sends. */
export interface SendManyOptions<Item> extends PrepareOptions {
  /** Makes a message of an item. @default the item is an event or its data, see {@link MeshClient.prepare} */
  readonly prepare?: ((item: Item) => Promise<PreparedMessage>) | undefined;
  /** Concurrent requests, each of at most ten messages. @default 8 */
  readonly concurrency?: number | undefined;
  /** Ends the sending. */
  readonly signal?: AbortSignal | undefined;
}
