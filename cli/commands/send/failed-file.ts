import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';

const LINE_FEED = Buffer.from('\n');

/** A file of items that were not sent, one a line. The user fixes it and sends it again. */
export class FailedFile {
  readonly #stream: WriteStream;

  /** Truncates the file. @throws Error of the file system */
  static async open(path: string): Promise<FailedFile> {
    const stream = createWriteStream(path);
    await once(stream, 'open');
    return new FailedFile(stream);
  }

  private constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  async write(item: Buffer | string): Promise<void> {
    if (!this.#stream.write(Buffer.concat([oneLine(item), LINE_FEED]))) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#stream.end(() => resolve(undefined)));
  }
}

/** Joins a JSON document of several lines into one. */
function oneLine(item: Buffer | string): Buffer {
  const bytes = Buffer.from(item);
  if (!bytes.includes(LINE_FEED)) return bytes;
  const text = bytes.toString();
  try {
    return Buffer.from(JSON.stringify(JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return Buffer.from(JSON.stringify(text));
    throw error;
  }
}
