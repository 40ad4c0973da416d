import { timeContestant } from '../compare/run-contestant.ts';
import { startStub } from '../stub/start-stub.ts';

/** The whole runtime against dynalite, whose ledger grows from one run to the next. */
export interface TablePoint {
  readonly records: number;
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

const WARM_UP_BATCHES = 100;

/** @param batches of ten for each point; the same number, so that each includes the same work of the compiler */
export async function measureTables(bundleFolder: string, batches: number, points: number): Promise<readonly TablePoint[]> {
  await using stub = await startStub('dynalite');
  const measured: TablePoint[] = [];
  for (let point = 1; point <= points; point++) {
    const { cpuMicros, wallMicros } = await timeContestant(bundleFolder, stub, { warmUpBatches: WARM_UP_BATCHES, batches });
    measured.push({ records: point * (WARM_UP_BATCHES + batches) * 10, cpuMicros, wallMicros });
  }
  return measured;
}
