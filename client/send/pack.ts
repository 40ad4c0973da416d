import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';

/** SQS's limits: ten messages a request, 1 MiB together. */
const MAX_MESSAGES = 10;

/**
 * Packs items into requests within SQS's limits, in the order of their arrival.
 *
 * @param bytesOf the size of an item as SQS counts it; 0 for an item that is not sent
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
