import { pMapIterable } from 'p-map';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { InvalidEventError } from '../errors.ts';
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
  /** The size of the attributes that each message is sent with, as SQS counts it. */
  readonly attributeBytes: () => Promise<number>;
  /** Concurrent requests. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

interface Ready<Item> {
  readonly item: Item;
  readonly message: PreparedMessage;
  /** The size of the message with its attributes. */
  readonly bytes: number;
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
  { prepare, deliver, attributeBytes, concurrency, signal }: SendAllOptions<Item>,
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
      return await measured(item, await prepare(item));
    } catch (error) {
      if (!isFatal(error)) return { status: 'failed', item, error };
      stop.abort(error);
      return { status: 'unsent', item };
    }
  };
  const measured = async (item: Item, message: PreparedMessage): Promise<Prepared<Item>> => {
    try {
      const bytes = messageBytes(message.body) + (await attributeBytes());
      return bytes > MAX_MESSAGE_BYTES ? { status: 'failed', item, message, error: tooLarge(bytes) } : { item, message, bytes };
    } catch (error) {
      // Each message has the same attributes.
      stop.abort(error);
      return { status: 'unsent', item, message };
    }
  };
  const deliverPack = async (packed: readonly Prepared<Item>[]): Promise<readonly SendResult<Item>[]> => {
    const results = packed.filter((each) => 'status' in each);
    const ready = packed.filter(isReady);
    const unsent = () => [...results, ...ready.map(({ item, message }) => ({ status: 'unsent' as const, item, message }))];
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
  const packs = pack(ready, (each) => (isReady(each) ? each.bytes : 0));
  for await (const results of pMapIterable(packs, deliverPack, stages)) yield* results;
  stopped.throwIfAborted();
}

const tooLarge = (bytes: number): InvalidEventError =>
  new InvalidEventError(`is ${bytes} bytes with its attributes, SQS takes ${MAX_MESSAGE_BYTES}: make it shorter`);

function resultOf<Item>({ item, message }: Ready<Item>, delivered: Delivered | undefined): SendResult<Item> {
  if (delivered === undefined) throw new TypeError('a delivery has a result for each body');
  if ('error' in delivered) return { status: 'failed', item, message, error: delivered.error };
  return { status: 'sent', item, message, messageId: delivered.messageId };
}
