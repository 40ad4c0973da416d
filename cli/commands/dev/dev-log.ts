import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { boundedFile } from './bounded-file.ts';
import { shortLogLine } from './short-log-line.ts';

/** The log of a run: what functions and the platform write, in a file whose name is known when the mesh is up. */
export interface DevLog extends AsyncDisposable {
  write(line: LogLine): void;
  /** Starts the file anew. When it cannot be written, stderr has the reason, once, and further lines are lost. */
  openAt(file: string): void;
}

/** A log that keeps its lines until it is opened; never opened, they are lost. */
export function devLog(): DevLog {
  const waiting: string[] = [];
  let file: Writable | undefined;
  let written: Promise<void> | undefined;
  return {
    write(line) {
      const text = `${shortLogLine(line)}\n`;
      if (file === undefined) waiting.push(text);
      else if (file.writable) file.write(text);
    },
    openAt(path) {
      const opened = boundedFile(path);
      file = opened;
      written = finished(opened).catch((error: Error) => console.error(`${path} is not written any more: ${error.message}`));
      // So that the file is there, even if nothing is ever written to it.
      opened.write(waiting.splice(0).join(''));
    },
    async [Symbol.asyncDispose]() {
      if (file?.writable) file.end();
      await written;
    },
  };
}
