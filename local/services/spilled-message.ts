import type { SentMessage } from './sender-ids.ts';
import type { MessageContents, SpilledContents, Spot } from './spilled-contents.ts';

type Kept = Omit<SentMessage, keyof MessageContents>;

/** fauxqs' message, whose contents are on disk. It is read like any other, at the price of some microseconds. */
export class SpilledMessage implements SentMessage {
  declare readonly messageId: string;
  declare readonly sentTimestamp: number;
  declare approximateReceiveCount: number;
  declare senderId?: string;
  readonly #contents: SpilledContents;
  readonly #spot: Spot;

  /** @throws Error when the disk is full */
  constructor({ body, md5OfBody, messageAttributes, md5OfMessageAttributes, ...kept }: SentMessage, contents: SpilledContents) {
    this.#contents = contents;
    this.#spot = contents.add({ body, md5OfBody, messageAttributes, md5OfMessageAttributes });
    Object.assign(this, kept satisfies Kept);
  }

  get body(): SentMessage['body'] {
    return this.#contents.read(this.#spot).body;
  }

  get md5OfBody(): SentMessage['md5OfBody'] {
    return this.#contents.read(this.#spot).md5OfBody;
  }

  get messageAttributes(): SentMessage['messageAttributes'] {
    return this.#contents.read(this.#spot).messageAttributes;
  }

  get md5OfMessageAttributes(): SentMessage['md5OfMessageAttributes'] {
    return this.#contents.read(this.#spot).md5OfMessageAttributes;
  }

  /** Removes its contents from the disk. It cannot be read afterwards. */
  remove(): void {
    this.#contents.remove(this.#spot);
  }
}
