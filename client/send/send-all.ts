import { pMapIterable } from 'p-map';
import { isFatal } from '../is-fatal.ts';
import type { Delivered } from './deliver.ts';
import { messageBytes } from './message-bytes.ts';
import { pack } from './pack.ts';
import type { PreparedMessage } from './prepare-event.ts';

/** The result of one item. */
export type SendResult<Item> =
  | { readonly status: 'sent'; readonly item: Item; readonly message: PreparedMessage; readonly messageId: string }
  /** The client or SQS refused it. It has a `message` if it was prepared. */
  | { readonly status: 'failed'; readonly item: Item; readonly message?: PreparedMessage; readonly error: unknown }
  /** The sending ended before it was sent, or while its request was under way. Then it may have been sent, and has a `message`. */
  | { readonly status: 'unsent'; readonly item: Item; readonly message?: PreparedMessage };

export interface SendAllOptions<Item> {
  readonly prepare: (item: Item) => Promise<PreparedMessage>;
  readonly deliver: (bodies: readonly string[]) => Promise<readonly Delivered[]>;
  /** Concurrent requests. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

interface Ready<Item> {
  readonly item: Item;
  readonly message: PreparedMessage;
}

type Prepared<Item> = Ready<Item> | SendResult<Item>;

const isReady = <Item>(prepared: Prepared<Item>): prepared is Ready<Item> => !('status' in prepared);

/**
 * Sends items as fast as the queue accepts them. It holds only the items under way in memory, and does not keep the order.
 *
 * After an error that the next item would meet as well, or when the signal aborts, it takes no more items. Items under way are
 * `unsent`.
 *
 * @throws that error, or the signal's reason, after the last result
 */
export async function* sendAll<Item>(
  items: AsyncIterable<Item>,
  { prepare, deliver, concurrency, signal }: SendAllOptions<Item>,
): AsyncGenerator<SendResult<Item>, void, undefined> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  // Not `for await`: leaving that loop would close the source, and its owner may want the rest of it.
  const source = items[Symbol.asyncIterator]();
  async function* taken(): AsyncGenerator<Item> {
    while (!stopped.aborted) {
      const next = await source.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  const prepareOne = async (item: Item): Promise<Prepared<Item>> => {
    if (stopped.aborted) return { status: 'unsent', item };
    try {
      return { item, message: await prepare(item) };
    } catch (error) {
      if (!isFatal(error)) return { status: 'failed', item, error };
      stop.abort(error);
      return { status: 'unsent', item };
    }
  };
  const deliverPack = async (packed: readonly Prepared<Item>[]): Promise<readonly SendResult<Item>[]> => {
    const results = packed.filter((each) => 'status' in each);
    const ready = packed.filter(isReady);
    const unsent = () => [...results, ...ready.map((each) => ({ status: 'unsent' as const, ...each }))];
    if (ready.length === 0) return results;
    if (stopped.aborted) return unsent();
    try {
      const delivered = await deliver(ready.map(({ message }) => message.body));
      return [...results, ...ready.map((each, index) => resultOf(each, delivered[index]))];
    } catch (error) {
      stop.abort(error);
      return unsent();
    }
  };

  const stages = { concurrency, backpressure: concurrency * 2, preserveOrder: false };
  const ready = pMapIterable(taken(), prepareOne, { ...stages, concurrency: concurrency * 2, backpressure: concurrency * 10 });
  const packs = pack(ready, (each) => (isReady(each) ? messageBytes(each.message.body) : 0));
  for await (const results of pMapIterable(packs, deliverPack, stages)) yield* results;
  stopped.throwIfAborted();
}

function resultOf<Item>({ item, message }: Ready<Item>, delivered: Delivered | undefined): SendResult<Item> {
  if (delivered === undefined) throw new TypeError('a delivery has a result for each body');
  if ('error' in delivered) return { status: 'failed', item, message, error: delivered.error };
  return { status: 'sent', item, message, messageId: delivered.messageId };
}
