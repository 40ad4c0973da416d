import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { functionEnvironment } from '../compare/contestant.ts';
import { median } from '../median.ts';
import { reply, type Stub } from '../stub/start-stub.ts';

/** A cold start in milliseconds. */
export interface ColdStart {
  /** Import and initialisation: Lambda's init phase, without the start of Node. */
  readonly initMs: number;
  /** The first message after it, which includes deferred work. */
  readonly firstMessageMs: number;
}

const coldStartSchema = z.object({ initMs: z.number(), firstMessageMs: z.number() });

/** Medians of interleaved starts, each in a fresh process. @param bundles folders by name @returns the same names */
export async function measureCold<Name extends string>(
  bundles: Readonly<Record<Name, string>>,
  stub: Stub,
  rounds: number,
): Promise<ReadonlyMap<string, ColdStart>> {
  const starts = new Map<string, ColdStart[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, folder] of Object.entries<string>(bundles)) {
      starts.set(name, [...(starts.get(name) ?? []), await start(folder, stub)]);
    }
  }
  const medians = (of: readonly ColdStart[]): ColdStart => ({
    initMs: median(of.map(({ initMs }) => initMs)),
    firstMessageMs: median(of.map(({ firstMessageMs }) => firstMessageMs)),
  });
  return new Map([...starts].map(([name, of]) => [name, medians(of)]));
}

async function start(bundle: string, stub: Stub): Promise<ColdStart> {
  const child = fork(join(import.meta.dirname, 'client.ts'), [bundle, randomUUID()], {
    // A bundle without the SDK finds this package's own.
    env: { ...functionEnvironment(stub), POSTHORN_AUTHENTICATION: 'iam', NODE_PATH: join(import.meta.dirname, '../../node_modules') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return coldStartSchema.parse(await reply(child));
}
