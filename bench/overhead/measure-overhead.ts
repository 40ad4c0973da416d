import { fork } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import { median } from '../median.ts';
import { reply } from '../stub/start-stub.ts';

/** CPU time for one message on ports without I/O. */
export interface Overhead {
  /** Without log lines. */
  readonly silentMicros: number;
  /** With its log line and metrics, written by Powertools. */
  readonly withLinesMicros: number;
}

const figuresSchema = z.object({ cpuMicros: z.number() });

/** Medians of interleaved runs, each in a fresh process. */
export async function measureOverhead({ rounds, batches }: { readonly rounds: number; readonly batches: number }): Promise<Overhead> {
  const silent: number[] = [];
  const lines: number[] = [];
  for (let round = 0; round < rounds; round++) {
    silent.push(await once('silent', batches));
    lines.push(await once('lines', batches));
  }
  return { silentMicros: median(silent), withLinesMicros: median(lines) };
}

async function once(logger: 'silent' | 'lines', batches: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'client.ts'), [logger, String(batches)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return figuresSchema.parse(await reply(child)).cpuMicros;
}
