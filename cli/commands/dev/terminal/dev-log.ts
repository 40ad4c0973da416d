import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { LogLine } from '../../../../local/lambda/function-worker.ts';
import { boundedFile } from './bounded-file.ts';
import { shortLogLine } from './short-log-line.ts';

/** The log of a run: the lines of functions and platform. The file's name contains the port, which is known once the mesh is up. */
export interface DevLog extends AsyncDisposable {
  write(line: LogLine): void;
  /** Truncates the file. If the file cannot be written, stderr gets the reason once, and later lines are lost. */
  openAt(file: string): void;
}

/** A log that holds its lines in memory until it is opened. */
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
      written = finished(opened).catch((error: Error) => console.error(`Cannot write the log ${path}: ${error.message}`));
      // Creates the file even if nothing is ever written to it.
      opened.write(waiting.splice(0).join(''));
    },
    async [Symbol.asyncDispose]() {
      if (file?.writable) file.end();
      await written;
    },
  };
}
