import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import type { Prepared, Refused } from './prepare.ts';
import { messageBytes } from './sized.ts';

/** SQS takes ten messages a request, of 1 MiB together. */
const MAX_MESSAGES = 10;

/** What goes into one request, and what was refused on the way there. */
export interface Pack {
  readonly messages: readonly Prepared[];
  readonly refused: readonly Refused[];
}

/** Packs messages into requests that SQS takes, in the order in which they come. */
export async function* pack(prepared: AsyncIterable<Prepared | Refused>): AsyncGenerator<Pack> {
  let messages: Prepared[] = [];
  let refused: Refused[] = [];
  let bytes = 0;
  for await (const item of prepared) {
    if ('reason' in item) {
      refused.push(item);
      if (refused.length < MAX_MESSAGES) continue;
      yield { messages, refused };
      [messages, refused, bytes] = [[], [], 0];
      continue;
    }
    const size = messageBytes(item.body);
    if (messages.length === MAX_MESSAGES || (messages.length > 0 && bytes + size > MAX_MESSAGE_BYTES)) {
      yield { messages, refused };
      [messages, refused, bytes] = [[], [], 0];
    }
    messages.push(item);
    bytes += size;
  }
  if (messages.length + refused.length > 0) yield { messages, refused };
}
