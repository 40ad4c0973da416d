import { parentPort, workerData } from 'node:worker_threads';
import type { FaultKind } from './faults.ts';
import { loadStack } from './posthorn-stack.ts';
import { runSeed } from './run-seed.ts';

export interface WorkerSettings {
  readonly messages: number;
  readonly without: readonly FaultKind[];
  readonly mutant: string | undefined;
  readonly isHashed: boolean;
  readonly isSideBySide: boolean;
}

// The stacks of simulated errors are not read, and cost a tenth of the time.
Error.stackTraceLimit = 0;

const { messages, without, mutant, isHashed, isSideBySide }: WorkerSettings = workerData;
const stack = await loadStack({ mutant, isSideBySide });

parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await runSeed(stack, { seed, messages, without, isSideBySide }, { isHashed }));
});
