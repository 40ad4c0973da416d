import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Sample } from '../../../../events/sample.ts';
import { CliError } from '../../../cli-error.ts';
import { describeError } from '../../../describe-error.ts';
import type { Settings } from '../../../settings.ts';
import { parseSample } from '../../send/sample-items.ts';
import type { Facts } from '../doubles.ts';
import type { Observed } from './differences.ts';
import type { MeshClient } from './mesh-client.ts';
import { runSample, type SampleRun } from './sample-run.ts';

/** The sample files of a folder, in alphabetical order; none when there is no such folder. */
export const sampleFiles = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(nothingIfMissing)).filter((file) => file.endsWith('.json')).sort();

/** All samples of a folder, by name. @throws CliError naming a file that is not a sample */
export async function readSamples(folder: string): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const name of (await sampleFiles(folder)).map((file) => basename(file, '.json'))) {
    try {
      samples.set(name, parseSample(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))));
    } catch (cause) {
      throw new CliError(`${name}.json: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
  return samples;
}

function nothingIfMissing(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}

export interface RunSamplesOptions {
  /** The folder of the samples. */
  readonly folder: string;
  readonly mesh: MeshClient;
  readonly facts: Facts;
  readonly signal: AbortSignal;
  /** @param detail the progress, in a few words */
  readonly onProgress: (detail: string) => void;
}

/**
 * Sends all samples at the same time and follows each to its end.
 *
 * @returns a run for each sample; the run of a sample that could not be sent has the reason
 * @throws the signal's reason when it aborts; the error that ended the collection of replies
 */
export async function runSamples(
  samples: ReadonlyMap<string, Sample>,
  { folder, mesh, facts, signal, onProgress }: RunSamplesOptions,
): Promise<readonly SampleRun[]> {
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  let ended = 0;
  const runAll = Promise.all(
    [...samples].map(async ([name, sample]) => {
      const show = (observed: Observed) => onProgress(`${ended} of ${samples.size} ended; ${name}: ${progressOf(observed)}`);
      const run = await runSample(name, sample, folder, mesh, facts, stopped, show).catch((error) => failedRun(name, error, mesh.settings));
      ended += 1;
      return run;
    }),
  );
  const [collected, runs] = await Promise.allSettled(
    [mesh.collectReplies(stop.signal), runAll].map((part) => part.finally(() => stop.abort())),
  );
  if (collected?.status === 'rejected') throw collected.reason;
  signal.throwIfAborted();
  if (runs?.status === 'rejected') throw runs.reason;
  return await runAll;
}

function failedRun(name: string, error: unknown, settings: Settings): SampleRun {
  const described = describeError(error, settings);
  const bug = error instanceof Error ? error.stack : undefined;
  const difference = described === undefined ? (bug ?? String(error)) : [described.message, described.remedy].filter(Boolean).join('. ');
  return { name, observed: { hops: [], facts: {}, replies: 0 }, differences: [difference], seconds: 0 };
}

/** The state of a sample at the last agent that it has reached. */
function progressOf({ hops }: Observed): string {
  const agent = hops.at(-1)?.agent;
  if (agent === undefined) return 'sent';
  const own = hops.filter((hop) => hop.agent === agent);
  return `${agent} ${own.filter(({ outcome }) => outcome !== undefined).length}/${own.length}`;
}
