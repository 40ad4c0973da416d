import { parentPort, workerData } from 'node:worker_threads';
import type { FaultKind } from './faults.ts';
import { loadStack } from './posthorn-stack.ts';
import { runSeed } from './run-seed.ts';
import type { CampaignWorld } from './world.ts';

export interface WorkerSettings {
  readonly messages: number;
  readonly without: readonly FaultKind[];
  readonly mutant: string | undefined;
  readonly isHashed: boolean;
  readonly world: CampaignWorld;
}

// The stacks of simulated errors are not read, and cost a tenth of the time.
Error.stackTraceLimit = 0;

const { messages, without, mutant, isHashed, world }: WorkerSettings = workerData;
const stack = await loadStack({ mutant, ...world });

parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await runSeed(stack, { seed, messages, without, ...world }, { isHashed }));
});
