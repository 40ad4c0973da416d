import { randomBytes, randomUUID } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../../../events/parse-envelope.ts';
import { CliError } from '../../cli-error.ts';
import type { ContentBucket } from '../../content-bucket.ts';
import { completeEvent } from './complete-event.ts';
import type { InputItem } from './input.ts';
import { messageBytes, toBody, withClaimCheck } from './sized.ts';

/** An item ready to be sent. */
export interface Prepared {
  readonly position: string;
  readonly body: string;
  /** Of a verbatim item nothing is known. */
  readonly event: { readonly id: string; readonly source: string; readonly traceparent: string | undefined } | undefined;
  readonly claimCheck: boolean;
  readonly endOffset: number;
}

/** An item that cannot be sent. */
export interface Refused {
  readonly position: string;
  /** What to write to the file of failed items. */
  readonly line: Buffer | string;
  readonly reason: string;
  readonly endOffset: number;
}

export interface PrepareOptions {
  readonly bucket: ContentBucket;
  /** The folder whose files a `dataref` `file:<path>` may name. */
  readonly folder: string;
  readonly type: string | undefined;
}

/** Fills in, uploads, validates: what an agent would reject is not sent. */
export async function prepare(item: InputItem, options: PrepareOptions): Promise<Prepared | Refused> {
  const { position, text, endOffset } = item;
  const refuse = (reason: string): Refused => ({ position, line: item.bytes, reason, endOffset });
  if (text === undefined) return refuse('is not UTF-8 text: encode it as UTF-8');
  if (item.verbatim) {
    const bytes = messageBytes(text);
    if (bytes > MAX_MESSAGE_BYTES)
      return refuse(`is ${bytes} bytes, SQS takes ${MAX_MESSAGE_BYTES}: only validated events are put into the content bucket`);
    return { position, body: text, event: undefined, claimCheck: false, endOffset };
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return refuse(`is not JSON (${error instanceof Error ? error.message : error}): write one event, or its data, as JSON`);
  }
  try {
    const { body, claimCheck } = await eventBody(given, options);
    const { id, source, traceparent } = parseEnvelope(body);
    return { position, body, event: { id, source, traceparent }, claimCheck, endOffset };
  } catch (error) {
    if (error instanceof InvalidEnvelopeError || error instanceof CliError) return refuse(error.message);
    throw error;
  }
}

async function eventBody(
  given: unknown,
  { bucket, folder, type }: PrepareOptions,
): Promise<{ readonly body: string; readonly claimCheck: boolean }> {
  const time = new Date().toISOString();
  const completed = completeEvent(given, { id: randomUUID(), source: '/posthorn/cli', time, traceparent: newTraceparent(), type });
  const event = await withFile(completed, folder, bucket);
  const body = toBody(event);
  if (messageBytes(body) <= MAX_MESSAGE_BYTES || !('data' in event)) return { body: within(body), claimCheck: 'dataref' in event };
  // What is wrong with the envelope is found before a megabyte is uploaded for it.
  parseEnvelope(body);
  return { body: within(toBody(await withClaimCheck(event, bucket))), claimCheck: true };
}

function within(body: string): string {
  const bytes = messageBytes(body);
  if (bytes <= MAX_MESSAGE_BYTES) return body;
  throw new CliError(`is ${bytes} bytes without its data, SQS takes ${MAX_MESSAGE_BYTES}: put what is large into data`);
}

async function withFile(
  event: Readonly<Record<string, unknown>>,
  folder: string,
  bucket: ContentBucket,
): Promise<Readonly<Record<string, unknown>>> {
  const { dataref, datacontenttype } = event;
  if (typeof dataref !== 'string' || !dataref.startsWith('file:')) return event;
  if (typeof datacontenttype !== 'string') throw new CliError(`datacontenttype: is missing: say what ${dataref} is, e.g. application/pdf`);
  return { ...event, ...(await bucket.put(await readWithin(folder, dataref.slice('file:'.length)), datacontenttype)) };
}

/** An event may come from someone else: it must not be able to send any file of this machine. */
async function readWithin(folder: string, path: string): Promise<Uint8Array> {
  try {
    const root = await realpath(folder);
    const file = await realpath(resolve(root, path));
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new CliError(`dataref: file:${path} is outside ${root}: move it there, or give --files with its folder`);
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      throw new CliError(`dataref: file:${path} cannot be read (${error.code}): check the path`, { cause: error });
    throw error;
  }
}

/** A new trace, sampled: whoever sends by hand wants to follow it. @see https://www.w3.org/TR/trace-context-1/ */
const newTraceparent = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
