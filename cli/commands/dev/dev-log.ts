import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Lines for a file that is not known yet. */
export interface Log extends AsyncDisposable {
  write(line: string): void;
  /**
   * Starts the file anew, with the lines that were written so far. When it cannot be written, stderr says so, once, and the lines
   * are lost.
   */
  openAt(file: string): void;
}

/** A log that keeps its lines until it is opened; never opened, they are lost. */
export function devLog(): Log {
  const lines = new PassThrough();
  let written: Promise<void> | undefined;
  return {
    // A line may come when all is over.
    write: (line) => void (lines.writable && lines.write(`${line}\n`)),
    openAt(file) {
      const giveUp = (error: Error) => {
        console.error(`${file} is not written any more: ${error.message}`);
        lines.resume();
      };
      try {
        mkdirSync(dirname(file), { recursive: true });
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return giveUp(error);
      }
      written = finished(lines.pipe(createWriteStream(file))).catch(giveUp);
    },
    async [Symbol.asyncDispose]() {
      lines.end();
      await written;
    },
  };
}
