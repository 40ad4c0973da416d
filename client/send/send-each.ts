import { pMapIterable } from 'p-map';
import { InvalidEventError, NotSentError } from '../errors.ts';
import { isFatal } from '../is-fatal.ts';
import { orAborted } from './or-aborted.ts';
import type { PreparedMessage } from './prepare-event.ts';

/** The result of one item. */
export type SendResult<Item> =
  | { readonly status: 'sent'; readonly item: Item; readonly message: PreparedMessage; readonly messageId: string }
  /** The client or SQS refused it. It has a `message` if it was prepared. */
  | { readonly status: 'failed'; readonly item: Item; readonly message?: PreparedMessage; readonly error: unknown }
  /** The sending ended before it was sent, or while its request was under way. Then it may have been sent, and has a `message`. */
  | { readonly status: 'unsent'; readonly item: Item; readonly message?: PreparedMessage };

/** A message among many waits so long for others: it is worth more that requests are full than that it goes at once. */
export const BULK_LINGER_MS = 250;

export interface SendEachOptions<Item> {
  readonly prepare: (item: Item) => Promise<PreparedMessage>;
  /** @returns the id that SQS assigned */
  readonly send: (message: PreparedMessage, signal: AbortSignal) => Promise<string>;
  /** The source has no more items: what is under way need not wait for them. */
  readonly ended: () => void;
  /** Items under way at the same time. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends items as fast as `send` takes them. It holds only the items under way in memory, and does not keep the order.
 *
 * After an error that the next item would meet as well, or when the signal aborts, it takes no more items. Items under way are `unsent`.
 *
 * @throws that error, the signal's reason, or the error of the source, after the last result
 */
export async function* sendEach<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { prepare, send, ended, concurrency, signal }: SendEachOptions<Item>,
): AsyncGenerator<SendResult<Item>, void, undefined> {
  const stop = new AbortController();
  const stopped = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const outcome = (error: unknown, isOfItem: boolean, known: Pick<SendResult<Item>, 'item' | 'message'>): SendResult<Item> => {
    if (stopped.aborted) return { status: 'unsent', ...known };
    if (isOfItem) return { status: 'failed', ...known, error };
    stop.abort(error);
    return { status: 'unsent', ...known };
  };
  const one = async (item: Item): Promise<SendResult<Item>> => {
    if (stopped.aborted) return { status: 'unsent', item };
    let message: PreparedMessage;
    try {
      message = await orAborted(prepare(item), stopped);
    } catch (error) {
      return outcome(error, !isFatal(error), { item });
    }
    try {
      return { status: 'sent', item, message, messageId: await orAborted(send(message, stopped), stopped) };
    } catch (error) {
      // Anything else is an error of a whole request, or of what all have in common.
      return outcome(error, error instanceof InvalidEventError || error instanceof NotSentError, { item, message });
    }
  };
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown) => {
    failure = { error };
  };
  const taken = untilAborted(items, { ended, failed }, stopped);
  yield* pMapIterable(taken, one, { concurrency, backpressure: concurrency, preserveOrder: false });
  stopped.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}

/** Not `for await`: leaving that loop would close the source, and its owner may want the rest of it. */
async function* untilAborted<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { ended, failed }: { readonly ended: () => void; readonly failed: (error: unknown) => void },
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  while (!signal.aborted) {
    let next: IteratorResult<Item, unknown>;
    try {
      next = await source.next();
    } catch (error) {
      // What was taken before has its results first.
      failed(error);
      return ended();
    }
    if (next.done === true) return ended();
    yield next.value;
  }
}
