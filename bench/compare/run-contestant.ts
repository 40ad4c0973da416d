import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestCount } from '../stub/counts.ts';
import { reply, type Stub } from '../stub/start-stub.ts';
import { allocatedSchema, type Plan, timedSchema } from './client-messages.ts';
import { functionEnvironment } from './contestant.ts';

/** The costs of a message with one contestant. */
export interface TimedFigures {
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

/** The costs of a message with one contestant that do not depend on the machine. */
export interface CountedFigures {
  readonly requestsPerTen: number;
  readonly tableRequestsPerTen: number;
  readonly wireBytes: number;
  /** Segments of X-Ray, which its daemon sends on. */
  readonly datagramsPerTen: number;
  readonly datagramBytes: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly logBytes: number;
}

/** How many messages, and which of them are traced. */
export type Effort = Pick<Plan, 'warmUpBatches' | 'batches' | 'sampledOfTen'>;

/** Variables of the function besides those that all have. */
type Environment = Readonly<Record<string, string>>;

const BATCH_SIZE = 10;

/** Keeps the collector from running while allocations are counted. Time is measured with Node's default settings. */
const LARGE_YOUNG_GENERATION = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

/** Runs one contestant in a fresh process against the stub, and times it. @throws Error when a message fails */
export async function timeContestant(
  bundleFolder: string,
  stub: Stub,
  effort: Effort,
  environment: Environment = {},
): Promise<TimedFigures & CountedFigures> {
  const plan: Plan = { ...effort, measure: 'time', bundleFolder, run: randomUUID() };
  return inClient(stub, { plan, environment, nodeOptions: [] }, async (child, logSize) => {
    await reply(child);
    await stub.forget();
    const logSizeBefore = logSize();
    const timed = reply(child);
    child.send('go');
    const { cpuMicros, wallMicros } = timedSchema.parse(await timed);
    const counts = await stub.counts();
    const messages = effort.batches * BATCH_SIZE;
    return {
      cpuMicros: cpuMicros / messages,
      wallMicros: wallMicros / messages,
      requestsPerTen: requestCount(counts) / effort.batches,
      tableRequestsPerTen: requestCount(counts, 'dynamodb') / effort.batches,
      wireBytes: (counts.receivedBytes + counts.sentBytes) / messages,
      datagramsPerTen: counts.datagrams / effort.batches,
      datagramBytes: counts.datagramBytes / messages,
      writeUnits: counts.writeUnits / messages,
      readUnits: counts.readUnits / messages,
      logBytes: (logSize() - logSizeBefore) / messages,
    };
  });
}

/** Bytes that a contestant allocates for a message. @throws Error when a message fails, or the collector ran */
export async function countAllocations(bundleFolder: string, stub: Stub, effort: Effort, environment: Environment = {}): Promise<number> {
  const plan: Plan = { ...effort, measure: 'allocations', bundleFolder, run: randomUUID() };
  return inClient(stub, { plan, environment, nodeOptions: LARGE_YOUNG_GENERATION }, async (child) => {
    const { allocatedBytes } = allocatedSchema.parse(await reply(child));
    return allocatedBytes / (effort.batches * BATCH_SIZE);
  });
}

async function inClient<Figures>(
  stub: Stub,
  { plan, environment, nodeOptions }: { readonly plan: Plan; readonly environment: Environment; readonly nodeOptions: readonly string[] },
  measure: (child: ChildProcess, logSize: () => number) => Promise<Figures>,
): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const child = fork(join(import.meta.dirname, 'client.ts'), [JSON.stringify(plan)], {
    execArgv: [...nodeOptions],
    env: { ...functionEnvironment(stub), ...environment },
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  try {
    const figures = await measure(child, () => statSync(logFile).size);
    await exited;
    return figures;
  } finally {
    child.kill();
    closeSync(log);
    rmSync(folder, { recursive: true, force: true });
  }
}
