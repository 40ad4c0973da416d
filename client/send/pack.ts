import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';

/** SQS takes ten messages a request, of 1 MiB together. */
const MAX_MESSAGES = 10;

/**
 * Packs items into requests that SQS takes, in the order in which they arrive.
 *
 * @param bytesOf what SQS counts for an item; 0 for one that is not sent
 */
export async function* pack<Item>(items: AsyncIterable<Item>, bytesOf: (item: Item) => number): AsyncGenerator<readonly Item[]> {
  let packed: Item[] = [];
  let bytes = 0;
  for await (const item of items) {
    const size = bytesOf(item);
    if (packed.length === MAX_MESSAGES || (packed.length > 0 && bytes + size > MAX_MESSAGE_BYTES)) {
      yield packed;
      [packed, bytes] = [[], 0];
    }
    packed.push(item);
    bytes += size;
  }
  if (packed.length > 0) yield packed;
}
