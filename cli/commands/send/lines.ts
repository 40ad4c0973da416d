import { CliError } from '../../cli-error.ts';

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line break. */
  readonly bytes: Buffer;
  /** `undefined` when the bytes are not UTF-8. */
  readonly text: string | undefined;
  /** Bytes of the input up to the end of this line. */
  readonly endOffset: number;
}

/** Far more than any event that SQS takes. A line must fit into memory. */
const MAX_LINE_BYTES = 64 * 1_048_576;

const LINE_FEED = 0x0a;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The lines of a stream, one at a time, without blank ones. Unlike `node:readline` it ends a line at line feeds only
 * (U+2028 is an ordinary character within JSON) and recognises bytes that are not UTF-8. A byte order mark is left out.
 *
 * @throws CliError naming a line that is longer than 64 MiB
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, maxLineBytes = MAX_LINE_BYTES): AsyncGenerator<Line> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let number = 0;
  let endOffset = 0;

  const take = (lastPiece: Buffer, breakBytes: number): Line | undefined => {
    const whole = pending.length === 0 ? lastPiece : Buffer.concat([...pending, lastPiece]);
    pending = [];
    pendingBytes = 0;
    number++;
    endOffset += whole.length + breakBytes;
    const bytes = whole.at(-1) === 0x0d ? whole.subarray(0, -1) : whole;
    const decoded = decode(bytes);
    const text = number === 1 ? decoded?.replace(/^\ufeff/, '') : decoded;
    return text?.trim() === '' ? undefined : { number, bytes, text, endOffset };
  };

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const line = take(chunk.subarray(start, end), 1);
      if (line !== undefined) yield line;
      start = end + 1;
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
    }
    if (pendingBytes > maxLineBytes) {
      throw new CliError(`line ${number + 1} is longer than ${maxLineBytes} bytes`, {
        remedy: 'Write one event a line, each ended by a line feed.',
      });
    }
  }
  if (pendingBytes > 0) {
    const line = take(Buffer.alloc(0), 0);
    if (line !== undefined) yield line;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
