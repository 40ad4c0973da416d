import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bundleFunction } from '../../infra/constructs/bundle-function.ts';
import { type CountedFigures, countAllocations, type TimedFigures, timeContestant } from '../compare/run-contestant.ts';
import { median } from '../median.ts';
import { startStub } from '../stub/start-stub.ts';
import { POWERTOOLS_METRICS, type Variant, variants } from './variants.ts';

/** For one message, medians over rounds. */
export interface SignalsFigures extends TimedFigures, CountedFigures {
  readonly name: string;
  readonly allocatedBytes: number;
  /** CPU divided by that of Powertools with Metrics: the median of the rounds' ratios. */
  readonly cpuRatio: number;
}

interface Effort {
  readonly rounds: number;
  readonly warmUpBatches: number;
  readonly batches: number;
  readonly onProgress: (step: string) => void;
}

type Run = Omit<SignalsFigures, 'name' | 'cpuRatio'>;

/** So few that no collection runs while allocations are counted. */
const COUNTED_BATCHES = 10;

/** Runs all variants, round by round, each in a fresh process. */
export async function measureSignals({ rounds, onProgress, ...effort }: Effort): Promise<readonly SignalsFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  try {
    await using stub = await startStub();
    const all = variants(stub);
    const bundleOf = ({ entry }: Variant) => join(folder, basename(entry, '.ts'));
    for (const variant of new Map(all.map((each) => [each.entry, each])).values()) bundleFunction(variant.entry, bundleOf(variant));
    const runs = new Map<string, Run[]>(all.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const variant of all) {
        const { name, sampledOfTen, environment } = variant;
        onProgress(`round ${round} of ${rounds}: ${name}`);
        const timed = await timeContestant(bundleOf(variant), stub, { ...effort, sampledOfTen }, environment);
        const counted = { warmUpBatches: effort.warmUpBatches, batches: COUNTED_BATCHES, sampledOfTen };
        const allocatedBytes = await countAllocations(bundleOf(variant), stub, counted, environment);
        runs.get(name)?.push({ ...timed, allocatedBytes });
      }
    }
    const peers = runs.get(POWERTOOLS_METRICS) ?? [];
    return [...runs].map(([name, own]) => ({ name, ...medians(own), cpuRatio: median(ratios(own, peers)) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ratios = (own: readonly Run[], peers: readonly Run[]): readonly number[] =>
  own.map(({ cpuMicros }, round) => cpuMicros / (peers[round]?.cpuMicros ?? Number.NaN));

function medians(runs: readonly Run[]): Run {
  const of = (figure: keyof Run): number => median(runs.map((run) => run[figure]));
  return {
    ...{ cpuMicros: of('cpuMicros'), wallMicros: of('wallMicros'), allocatedBytes: of('allocatedBytes') },
    ...{ requestsPerTen: of('requestsPerTen'), tableRequestsPerTen: of('tableRequestsPerTen'), wireBytes: of('wireBytes') },
    ...{ datagramsPerTen: of('datagramsPerTen'), datagramBytes: of('datagramBytes'), logBytes: of('logBytes') },
    ...{ writeUnits: of('writeUnits'), readUnits: of('readUnits') },
  };
}
