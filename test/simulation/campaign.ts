import { Worker } from 'node:worker_threads';
import { type FaultKind, leftOutOf } from './faults.ts';
import type { SeedResult } from './run-seed.ts';
import type { WorkerSettings } from './worker.ts';
import type { CampaignWorld } from './world.ts';

export interface CampaignOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** In each seed. */
  readonly messages: number;
  /** @default 2 */
  readonly workers?: number;
  /** @default what the world leaves out */
  readonly without?: readonly FaultKind[];
  /** Break the runtime in this way. @default not at all */
  readonly mutant?: string;
  /** @default the runtime alone, with agents that name those they send to */
  readonly world?: CampaignWorld;
  /** @default false */
  readonly isHashed?: boolean;
  /** Ends the campaign with the first seed that breaks a promise. @default false */
  readonly stopsAtFailure?: boolean;
  readonly onResult?: (result: SeedResult, summary: CampaignSummary) => void;
}

export interface CampaignSummary {
  readonly seeds: number;
  readonly messages: number;
  readonly deliveries: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Seeds that broke a promise. */
  readonly failed: readonly SeedResult[];
}

/** Runs seeds side by side in worker threads. Only counts and failures are kept, so memory does not grow with the seeds. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignSummary> {
  const {
    firstSeed,
    seeds,
    messages,
    workers = 2,
    world = {},
    without = leftOutOf(world),
    mutant,
    isHashed = false,
    stopsAtFailure = false,
    onResult,
  } = options;
  const settings: WorkerSettings = { messages, without, mutant, isHashed, world };
  let summary: CampaignSummary = { seeds: 0, messages: 0, deliveries: 0, faults: {}, failed: [] };
  let next = firstSeed;
  const isDone = () => next >= firstSeed + seeds || (stopsAtFailure && summary.failed.length > 0);

  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: settings, execArgv: [] });
      const goOn = () => {
        if (isDone()) worker.terminate().then(() => resolve(), reject);
        else worker.postMessage(next++);
      };
      worker.on('error', reject);
      worker.on('message', (result: SeedResult) => {
        summary = add(summary, result);
        onResult?.(result, summary);
        goOn();
      });
      goOn();
    });
  await Promise.all(Array.from({ length: Math.min(workers, seeds) }, work));
  return summary;
}

function add(summary: CampaignSummary, result: SeedResult): CampaignSummary {
  const faults: Partial<Record<string, number>> = { ...summary.faults };
  for (const [kind, count] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    seeds: summary.seeds + 1,
    messages: summary.messages + result.messages,
    deliveries: summary.deliveries + result.deliveries,
    faults,
    failed: result.violations.length > 0 ? [...summary.failed, result] : summary.failed,
  };
}
