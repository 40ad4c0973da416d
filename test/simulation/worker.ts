import { parentPort, workerData } from 'node:worker_threads';
import type { FaultKind } from './faults.ts';
import { loadRuntime } from './load-runtime.ts';
import { MUTANTS } from './mutants.ts';
import { posthornStack } from './posthorn-stack.ts';
import { runSeed } from './run-seed.ts';

export interface WorkerSettings {
  readonly messages: number;
  readonly without: readonly FaultKind[];
  readonly mutant: string | undefined;
  readonly isHashed: boolean;
}

// The stacks of simulated errors are not read, and cost a tenth of the time.
Error.stackTraceLimit = 0;

const { messages, without, mutant, isHashed }: WorkerSettings = workerData;
const stack = posthornStack(await loadRuntime(MUTANTS.find(({ name }) => name === mutant)));

parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await runSeed(stack, { seed, messages, without }, { isHashed }));
});
