import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../infra/constructs/bundle-function.ts';
import { bundleSize } from '../cold/bundle-size.ts';
import { CONTESTANTS, type Contestant, entryOf } from '../compare/contestant.ts';
import { type CountedFigures, countAllocations, timeContestant } from '../compare/run-contestant.ts';
import { startStub } from '../stub/start-stub.ts';

/** The costs of a message that are the same on every machine and under every load. */
export interface Counts extends CountedFigures {
  readonly allocatedBytes: number;
  readonly coldKib: number;
}

/** Warm-up batches, so that allocations do not depend on the compiler's progress. */
const WARM_UP_BATCHES = 400;

/** Runs both contestants for as many messages as counting needs, which is few. @throws Error when a message fails */
export async function measureCounts(): Promise<Readonly<Record<Contestant, Counts>>> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  try {
    await using stub = await startStub();
    const measure = async (contestant: Contestant): Promise<Counts> => {
      const bundle = join(folder, contestant);
      bundleFunction(entryOf(contestant), bundle);
      const { cpuMicros, wallMicros, ...counted } = await timeContestant(bundle, stub, { warmUpBatches: 2, batches: 10 });
      const allocatedBytes = await countAllocations(bundle, stub, { warmUpBatches: WARM_UP_BATCHES, batches: 10 });
      return { ...counted, allocatedBytes, coldKib: bundleSize(bundle).coldKib };
    };
    const [posthorn, powertools] = CONTESTANTS;
    return { posthorn: await measure(posthorn), powertools: await measure(powertools) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
