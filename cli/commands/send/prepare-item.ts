import { readFile, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { InvalidEventError, type MeshClient, type PreparedMessage, prepareBody } from '../../../client/index.ts';
import type { InputItem } from './input.ts';

export interface PrepareItemOptions {
  readonly mesh: MeshClient;
  /** The folder whose files a `dataref` `file:<path>` may name. */
  readonly folder: string;
  readonly type: string | undefined;
  readonly tenant: string | undefined;
}

/** Makes a message of an item of the input. @throws InvalidEventError naming the problem */
export async function prepareItem(
  { text, verbatim }: InputItem,
  { mesh, folder, type, tenant }: PrepareItemOptions,
): Promise<PreparedMessage> {
  if (text === undefined) throw new InvalidEventError('is not UTF-8 text: encode it as UTF-8');
  if (verbatim) return prepareBody(text);
  return mesh.prepare(await withFile(parse(text), folder, mesh), { source: '/posthorn/cli', type, tenant });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new InvalidEventError(`is not JSON (${reason}): write one event, or its data, as JSON`, { cause });
  }
}

/** Stores the file that an event names in the content bucket. */
async function withFile(given: unknown, folder: string, { content }: MeshClient): Promise<unknown> {
  if (typeof given !== 'object' || given === null || !('dataref' in given)) return given;
  const { dataref } = given;
  if (typeof dataref !== 'string' || !dataref.startsWith('file:')) return given;
  if (!('datacontenttype' in given) || typeof given.datacontenttype !== 'string')
    throw new InvalidEventError(`datacontenttype: is missing: name the media type of ${dataref}, e.g. application/pdf`);
  return { ...given, ...(await content.put(await readWithin(folder, dataref.slice('file:'.length)), given.datacontenttype)) };
}

/** Events may come from untrusted sources, so a `dataref` may only name files below the given folder. */
async function readWithin(folder: string, path: string): Promise<Uint8Array> {
  try {
    const root = await realpath(folder);
    const file = await realpath(resolve(root, path));
    if (!file.startsWith(root.endsWith(sep) ? root : root + sep))
      throw new InvalidEventError(`dataref: file:${path} is outside ${root}: move it there, or give --files with its folder`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof InvalidEventError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new InvalidEventError(`dataref: file:${path} cannot be read (${error.code}): check the path`, { cause: error });
  }
}
