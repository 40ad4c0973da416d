import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod';
import { functionEnvironment } from '../compare/contestant.ts';
import type { Stub } from '../stub/start-stub.ts';

const pointSchema = z.object({
  /** Messages handled so far. */
  checkpoint: z.number(),
  /** CPU for one message since the checkpoint before. */
  cpuMicros: z.number(),
  /** After a collection. */
  heapMib: z.number(),
  rssMib: z.number(),
  records: z.number(),
});

export type GrowthPoint = z.output<typeof pointSchema>;

/** The subject of a growth run: the runtime without I/O, or a deployed bundle with the AWS SDK. */
export type Subject =
  /** Whether the process keeps every record in memory, or none. Without records, remaining memory is the runtime's own. */
  | { readonly ledger: 'keeps-ledger' | 'forgets' }
  /** On a DynamoDB and SQS in another process. */
  | { readonly bundleFolder: string; readonly stub: Pick<Stub, 'endpoint' | 'token'> };

/** Runs one warm process that handles messages up to the last checkpoint. */
export async function measureGrowth(subject: Subject, checkpoints: readonly number[]): Promise<readonly GrowthPoint[]> {
  const [what, env] =
    'ledger' in subject ? [subject.ledger, process.env] : [subject.bundleFolder, { ...functionEnvironment(subject.stub) }];
  const child = fork(join(import.meta.dirname, 'client.ts'), [what, ...checkpoints.map(String)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const points: GrowthPoint[] = [];
  for await (const [message] of on(child, 'message', { close: ['exit'] })) points.push(pointSchema.parse(message));
  const [code] = await exited;
  if (code !== 0) throw new Error(`the growth run ended with ${code}`);
  return points;
}
