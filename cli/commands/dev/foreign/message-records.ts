import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { jsonLine } from '../../../print-json.ts';
import { boundedFile } from '../terminal/bounded-file.ts';
import type { RecordedMessage } from './double-agent.ts';

/** Files of the messages that doubles have received: NDJSON, `<agent id>.ndjson` for each double, of bounded size. */
export class MessageRecords implements AsyncDisposable {
  readonly #folder: string;
  readonly #files = new Map<string, Writable>();

  /** @param folder existing files in it are overwritten */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the file of an agent, unless this run has created it already. */
  open(agentId: string): Promise<void> {
    return write(this.#fileOf(agentId), '');
  }

  /** Resolves when it is written. @throws Error when it cannot be */
  add(agentId: string, message: RecordedMessage): Promise<void> {
    return write(this.#fileOf(agentId), `${jsonLine(message)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => (file.writable ? finished(file.end()) : undefined)));
  }

  #fileOf(agentId: string): Writable {
    const known = this.#files.get(agentId);
    if (known !== undefined) return known;
    const path = join(this.#folder, `${agentId}.ndjson`);
    const file = boundedFile(path);
    // Each write reports its own error.
    file.on('error', () => undefined);
    this.#files.set(agentId, file);
    return file;
  }
}

const write = (file: Writable, text: string): Promise<void> =>
  new Promise((written, failed) => {
    file.write(text, (error) => (error ? failed(error) : written()));
  });
