import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import { type Counts, countsSchema } from './counts.ts';

/** A DynamoDB, an SQS, a collector of OTLP and a daemon of X-Ray on loopback, in a separate process, which count requests. */
export interface Stub extends AsyncDisposable {
  readonly endpoint: string;
  /** Host and UDP port, for segments of X-Ray. */
  readonly daemonAddress: string;
  /** With which the benchmark's agent accepts messages. */
  readonly token: string;
  /** Starts the counts from zero. The tables keep their items. */
  forget(): Promise<void>;
  counts(): Promise<Counts>;
}

/** @param tables `memory` answers fastest and counts units; `dynalite` is what the embedded cloud runs. @default 'memory' */
export async function startStub(tables: 'memory' | 'dynalite' = 'memory'): Promise<Stub> {
  const child = fork(join(import.meta.dirname, 'server.ts'), [tables], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { port, daemonPort, token } = z.object({ port: z.number(), daemonPort: z.number(), token: z.string() }).parse(await reply(child));
  const ask = async (request: 'forget' | 'counts'): Promise<Counts> => {
    const answered = reply(child);
    child.send(request);
    return countsSchema.parse(await answered);
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    daemonAddress: `127.0.0.1:${daemonPort}`,
    token,
    forget: async () => void (await ask('forget')),
    counts: () => ask('counts'),
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** The next message of a child process. @throws Error when it ends before it sends one */
export async function reply(child: ChildProcess): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const failed = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code} before it answered`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), failed]);
    return message;
  } finally {
    controller.abort();
    // It has answered: what ends the process later is not of this call.
    failed.catch(() => undefined);
  }
}
