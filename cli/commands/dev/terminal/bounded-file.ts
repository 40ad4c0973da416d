import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';

/** The size limit of each of the two files. */
const MAX_BYTES = 10 * 1_024 * 1_024;

/**
 * Appends to a file, which it truncates first. A file that reaches `maxBytes` is renamed to `<file>.1`, replacing an earlier one, and a
 * new file begins. The two together never take more than twice `maxBytes`.
 */
export function boundedFile(file: string, maxBytes = MAX_BYTES): Writable {
  let handle: FileHandle | undefined;
  let bytes = 0;
  const append = async (chunk: Buffer): Promise<void> => {
    if (handle !== undefined && bytes + chunk.length > maxBytes) {
      await handle.close();
      await rename(file, `${file}.1`);
      handle = undefined;
    }
    if (handle === undefined) {
      await mkdir(dirname(file), { recursive: true });
      handle = await open(file, 'w');
      bytes = 0;
    }
    await handle.appendFile(chunk);
    bytes += chunk.length;
  };
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void append(chunk).then(() => done(), done),
    writev: (chunks, done) => void append(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done),
    destroy: (error, done) => void Promise.resolve(handle?.close()).then(() => done(error), done),
  });
}
