import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../../cli-error.ts';
import { type Line, readLines } from './lines.ts';

/** One item to send, unchanged from the input. */
export interface InputItem {
  /** Where it is in the input, e.g. `line 12`. */
  readonly position: string;
  /** `undefined` when the bytes are not UTF-8. */
  readonly text: string | undefined;
  readonly bytes: Buffer;
  /** Bytes of the input up to the end of this item. */
  readonly endOffset: number;
  /** Whether it is sent unchanged and without validation. */
  readonly verbatim: boolean;
}

export type Input =
  | { readonly kind: 'items'; readonly items: AsyncIterable<InputItem>; readonly folder: string; readonly totalBytes: number | undefined }
  | { readonly kind: 'sample'; readonly value: unknown; readonly folder: string };

/** The most that is read of the input as one document. A longer input is a stream of lines. */
const MAX_DOCUMENT_BYTES = 64 * 1_048_576;

const ONE_A_LINE = "Write one event a line (NDJSON), e.g. jq -c '.[]' FILE | posthorn send - --agent ID.";

/**
 * Opens a file, or stdin for `-`, and detects its kind: a sample (it has `agent` and `events`), one JSON document
 * over several lines, or NDJSON, which is never held in memory as a whole.
 *
 * @param verbatim takes every event unchanged, JSON or not
 * @throws CliError when the file does not exist, is empty, or is neither JSON nor NDJSON
 */
export async function openInput(file: string, verbatim: boolean): Promise<Input> {
  const info = file === '-' ? undefined : await statOf(file);
  if (info?.isDirectory()) throw new CliError(`${file} is a folder`, { remedy: 'Give a file, or - for stdin.' });
  const folder = file === '-' ? process.cwd() : dirname(file);
  const totalBytes = info?.isFile() ? info.size : undefined;
  const chunks: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1_048_576 });
  const lines = readLines(chunks);

  const first = (await lines.next()).value;
  if (first === undefined)
    throw new CliError(`${file === '-' ? 'stdin' : file} is empty`, { remedy: 'Give a sample, an event as JSON, or NDJSON.' });
  if (/\.(ndjson|jsonl)$/.test(file) || first.text === undefined)
    return { kind: 'items', items: items([first], lines, verbatim), folder, totalBytes };

  const alone = parse(first.text);
  if (isSample(alone?.value)) return { kind: 'sample', value: alone?.value, folder };
  if (alone !== undefined && !Array.isArray(alone.value))
    return { kind: 'items', items: items([first], lines, verbatim), folder, totalBytes };

  const second = (await lines.next()).value;
  if (second === undefined) {
    if (alone !== undefined && !verbatim) console.error(`the input is a JSON array, which is one event. For many: ${ONE_A_LINE}`);
    return { kind: 'items', items: items([first], lines, verbatim), folder, totalBytes };
  }
  // A line that is valid JSON by itself belongs to NDJSON: the lines of one document are only parts of it.
  const secondAlone = second.text === undefined ? undefined : parse(second.text);
  if (alone !== undefined || typeof secondAlone?.value === 'object')
    return { kind: 'items', items: items([first, second], lines, verbatim), folder, totalBytes };
  return await openDocument([first, second], lines, { verbatim, folder, totalBytes });
}

async function statOf(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new CliError(`${file} does not exist`, { cause: error, remedy: 'Give a file, or - for stdin.' });
    throw error;
  }
}

async function openDocument(
  head: readonly Line[],
  rest: AsyncIterable<Line>,
  { verbatim, folder, totalBytes }: { readonly verbatim: boolean; readonly folder: string; readonly totalBytes: number | undefined },
): Promise<Input> {
  const all = [...head];
  let kept = 0;
  for await (const line of rest) {
    all.push(line);
    kept += line.bytes.length;
    if (kept > MAX_DOCUMENT_BYTES) {
      throw new CliError(`the input is one JSON document of more than ${MAX_DOCUMENT_BYTES} bytes`, {
        remedy: 'Write one event a line (NDJSON), e.g. with jq -c.',
      });
    }
  }
  const text = all.map((line) => line.text ?? line.bytes.toString('latin1')).join('\n');
  const document = parse(text);
  if (document === undefined) {
    // The input is not one document: each line is an item.
    if (verbatim) return { kind: 'items', items: items(all, streamOf(), verbatim), folder, totalBytes };
    throw new CliError(`the input is neither a JSON document nor NDJSON: ${reasonOf(text)}`, {
      remedy: 'Give a sample, one event as JSON, or one event or its data a line; --no-validate sends lines as they are.',
    });
  }
  if (isSample(document.value)) return { kind: 'sample', value: document.value, folder };
  if (Array.isArray(document.value)) {
    throw new CliError('the input is a JSON array', {
      remedy: ONE_A_LINE,
    });
  }
  const endOffset = all.at(-1)?.endOffset ?? 0;
  const item: InputItem = { position: 'the event', text, bytes: Buffer.from(text), endOffset, verbatim };
  return { kind: 'items', items: streamOf(item), folder, totalBytes };
}

async function* items(head: readonly Line[], rest: AsyncIterable<Line>, verbatim: boolean): AsyncGenerator<InputItem> {
  const item = ({ number, text, bytes, endOffset }: Line): InputItem => ({ position: `line ${number}`, text, bytes, endOffset, verbatim });
  for (const line of head) yield item(line);
  for await (const line of rest) yield item(line);
}

async function* streamOf<Element>(...elements: readonly Element[]): AsyncGenerator<Element> {
  yield* elements;
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function reasonOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isSample = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'agent' in value && 'events' in value && Array.isArray(value.events);
