import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file of lines. */
export interface Log extends AsyncDisposable {
  write(line: string): void;
}

/** Starts the file anew. When it cannot be written, stderr says so, once, and the lines from there on are lost. */
export async function openLog(file: string): Promise<Log> {
  await mkdir(dirname(file), { recursive: true });
  const stream = createWriteStream(file).on('error', (error) => console.error(`${file} is not written any more: ${error.message}`));
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  return {
    write: (line) => stream.write(`${line}\n`),
    async [Symbol.asyncDispose]() {
      stream.end();
      await closed;
    },
  };
}
