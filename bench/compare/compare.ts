import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentEntry } from '../../infra/constructs/agent-entry.ts';
import { bundleFunction } from '../../infra/constructs/bundle-function.ts';
import { bundleByDefault } from '../cold/bundle-by-default.ts';
import { bundleNodeOnly } from '../cold/bundle-node-only.ts';
import { type BundleSize, bundleSize } from '../cold/bundle-size.ts';
import { type ColdStart, measureCold } from '../cold/measure-cold.ts';
import { median } from '../median.ts';
import { measureOverhead, type Overhead } from '../overhead/measure-overhead.ts';
import { type Stub, startStub } from '../stub/start-stub.ts';
import { CONTESTANTS, type Contestant, entryOf } from './contestant.ts';
import { type CountedFigures, countAllocations, type TimedFigures, timeContestant } from './run-contestant.ts';

/** Medians over rounds, for one message. */
export interface Figures extends TimedFigures, CountedFigures {
  readonly allocatedBytes: number;
}

export interface Comparison {
  readonly stub: Readonly<Record<Contestant, Figures>>;
  /** The same on dynalite, which counts no units. */
  readonly dynalite: Readonly<Record<Contestant, TimedFigures>>;
  /** Posthorn's CPU divided by the peer's: the median of the rounds' ratios. */
  readonly cpuRatio: number;
  readonly overhead: Overhead;
  /** The bundles of an agent that does nothing, and of the peer's function. */
  readonly bundles: Readonly<Record<Contestant, BundleSize>>;
  /** Cold starts, by the name of the bundle. */
  readonly cold: Readonly<Record<string, ColdStart>>;
}

export interface CompareOptions {
  readonly rounds: number;
  readonly onProgress: (step: string) => void;
}

/** Warm-up messages, until V8 has compiled the hot code. */
const WARM_UP_BATCHES = 500;
const TIMED_BATCHES = 700;
const COUNTED_BATCHES = 10;
const OVERHEAD_BATCHES = 3_000;
const COLD_STARTS_PER_ROUND = 3;
const DYNALITE_ROUNDS = 3;

/** Runs the whole comparison, round by round: posthorn, powertools, posthorn, powertools ... */
export async function compare({ rounds, onProgress }: CompareOptions): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  try {
    const bundles = bundleAll(folder);
    await using stub = await startStub();
    const runs = await interleaved(rounds, (contestant, round) => {
      onProgress(`round ${round + 1} of ${rounds}: ${contestant}`);
      return measure(bundles[contestant], stub);
    });
    onProgress('cold starts');
    const cold = await measureCold(bundles, stub, rounds * COLD_STARTS_PER_ROUND);
    onProgress('without I/O');
    const overhead = await measureOverhead({ rounds, batches: OVERHEAD_BATCHES });
    await using dynalite = await startStub('dynalite');
    const onDynalite = await interleaved(Math.min(rounds, DYNALITE_ROUNDS), (contestant, round) => {
      onProgress(`on dynalite, round ${round + 1}: ${contestant}`);
      return timeContestant(bundles[contestant], dynalite, { warmUpBatches: WARM_UP_BATCHES, batches: TIMED_BATCHES });
    });
    const ratios = runs.posthorn.map(({ cpuMicros }, round) => cpuMicros / (runs.powertools[round]?.cpuMicros ?? Number.NaN));
    return {
      stub: { posthorn: medianFigures(runs.posthorn), powertools: medianFigures(runs.powertools) },
      dynalite: { posthorn: medianTimes(onDynalite.posthorn), powertools: medianTimes(onDynalite.powertools) },
      cpuRatio: median(ratios),
      overhead,
      bundles: { posthorn: bundleSize(bundles.noOp), powertools: bundleSize(bundles.powertools) },
      cold: Object.fromEntries(cold),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bundleAll(folder: string) {
  const into = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const bundles = {
    posthorn: into('posthorn'),
    noOp: into('no-op'),
    powertools: into('powertools'),
    powertoolsByDefault: into('powertools-by-default'),
    sdkAlone: into('sdk-alone'),
    nodeAlone: into('node-alone'),
  };
  bundleFunction(entryOf('posthorn'), bundles.posthorn);
  bundleFunction(agentEntry(join(import.meta.dirname, '../agents/no-op')), bundles.noOp);
  bundleFunction(entryOf('powertools'), bundles.powertools);
  bundleByDefault(entryOf('powertools'), bundles.powertoolsByDefault);
  bundleFunction(join(import.meta.dirname, '../cold/sdk-alone.ts'), bundles.sdkAlone);
  bundleNodeOnly(bundles.posthorn, bundles.nodeAlone);
  return bundles;
}

async function measure(bundle: string, stub: Stub): Promise<Figures> {
  const timed = await timeContestant(bundle, stub, { warmUpBatches: WARM_UP_BATCHES, batches: TIMED_BATCHES });
  const allocatedBytes = await countAllocations(bundle, stub, { warmUpBatches: WARM_UP_BATCHES, batches: COUNTED_BATCHES });
  return { ...timed, allocatedBytes };
}

async function interleaved<Run>(rounds: number, run: (contestant: Contestant, round: number) => Promise<Run>) {
  const runs: Record<Contestant, Run[]> = { posthorn: [], powertools: [] };
  for (let round = 0; round < rounds; round++) {
    for (const contestant of CONTESTANTS) runs[contestant].push(await run(contestant, round));
  }
  return runs;
}

/** The median of each figure. */
function medianFigures(runs: readonly Figures[]): Figures {
  const of = (figure: (run: Figures) => number): number => median(runs.map(figure));
  return {
    ...medianTimes(runs),
    allocatedBytes: of((run) => run.allocatedBytes),
    requestsPerTen: of((run) => run.requestsPerTen),
    tableRequestsPerTen: of((run) => run.tableRequestsPerTen),
    wireBytes: of((run) => run.wireBytes),
    datagramsPerTen: of((run) => run.datagramsPerTen),
    datagramBytes: of((run) => run.datagramBytes),
    writeUnits: of((run) => run.writeUnits),
    readUnits: of((run) => run.readUnits),
    logBytes: of((run) => run.logBytes),
  };
}

const medianTimes = (runs: readonly TimedFigures[]): TimedFigures => ({
  cpuMicros: median(runs.map(({ cpuMicros }) => cpuMicros)),
  wallMicros: median(runs.map(({ wallMicros }) => wallMicros)),
});
