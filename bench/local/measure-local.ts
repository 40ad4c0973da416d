import { loadavg } from 'node:os';
import { median, percentile } from '../median.ts';
import { LocalMesh, type Run } from './local-mesh.ts';

/** The CPU use of a run, in cores (1 is one busy core). */
export interface CpuShares {
  readonly cloud: number;
  readonly workers: number;
  readonly engine: number;
  readonly producer: number;
}

export interface LocalFigures {
  readonly messagesPerSecond: number;
  readonly batchSize: number;
  /** From a message's due time to the end of its invocation, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cores: CpuShares;
  /** How busy the embedded cloud's event loop was, 0 to 1. */
  readonly utilization: number;
  readonly loadAverage: number;
}

export interface LocalReport {
  readonly saturated: LocalFigures;
  /** By the rate at which messages were sent, open loop. */
  readonly paced: readonly (LocalFigures & { readonly ratePerSecond: number })[];
  readonly workers: number;
}

const WARM_UP_MESSAGES = 5_000;
const FLOOD_MESSAGES = 10_000;
const ROUNDS = 5;
const PACED_SECONDS = 8;
const RATES_PER_SECOND = [100, 300, 600];

/** Medians of rounds; in each, the inbox is flooded once and then fed at each rate. */
export async function measureLocal(onProgress: (step: string) => void): Promise<LocalReport> {
  onProgress('starting the embedded cloud');
  await using mesh = await LocalMesh.start();
  await mesh.run({ messages: WARM_UP_MESSAGES });
  const floods: LocalFigures[] = [];
  const paced = new Map(RATES_PER_SECOND.map((rate) => [rate, [] as LocalFigures[]]));
  for (let round = 0; round < ROUNDS; round++) {
    onProgress(`round ${round + 1} of ${ROUNDS}`);
    floods.push(figuresOf(await mesh.run({ messages: FLOOD_MESSAGES })));
    for (const [ratePerSecond, runs] of paced) {
      runs.push(figuresOf(await mesh.run({ messages: ratePerSecond * PACED_SECONDS, ratePerSecond })));
    }
  }
  return {
    saturated: medians(floods),
    paced: [...paced].map(([ratePerSecond, runs]) => ({ ratePerSecond, ...medians(runs) })),
    workers: mesh.workers,
  };
}

function figuresOf({ delivery, latenciesMs, invocations, seconds, cpuSeconds, utilization }: Run): LocalFigures {
  return {
    messagesPerSecond: latenciesMs.length / seconds,
    batchSize: latenciesMs.length / invocations,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    cores: {
      cloud: cpuSeconds.cloud / seconds,
      workers: cpuSeconds.workers / seconds,
      engine: cpuSeconds.engine / seconds,
      producer: delivery.cpuMicros / 1e6 / seconds,
    },
    utilization,
    loadAverage: loadavg()[0] ?? Number.NaN,
  };
}

function medians(runs: readonly LocalFigures[]): LocalFigures {
  const of = (figure: (run: LocalFigures) => number): number => median(runs.map(figure));
  return {
    messagesPerSecond: of((run) => run.messagesPerSecond),
    batchSize: of((run) => run.batchSize),
    p50Ms: of((run) => run.p50Ms),
    p99Ms: of((run) => run.p99Ms),
    cores: {
      cloud: of(({ cores }) => cores.cloud),
      workers: of(({ cores }) => cores.workers),
      engine: of(({ cores }) => cores.engine),
      producer: of(({ cores }) => cores.producer),
    },
    utilization: of((run) => run.utilization),
    loadAverage: of((run) => run.loadAverage),
  };
}
