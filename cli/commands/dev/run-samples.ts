import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Listr } from 'listr2';
import type { Sample } from '../../../events/sample.ts';
import { CliError } from '../../cli-error.ts';
import { describeError } from '../../describe-error.ts';
import type { Settings } from '../../settings.ts';
import { parseSample } from '../send/sample-items.ts';
import type { Observed } from './differences.ts';
import type { MeshClient } from './mesh-client.ts';
import { runSample, type SampleRun } from './sample-run.ts';

export const SAMPLES = join(import.meta.dirname, '../../../events/samples');

/** All sample files, by name. @throws CliError naming the file that is no sample */
export async function readSamples(folder = SAMPLES): Promise<ReadonlyMap<string, Sample>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  const samples = new Map<string, Sample>();
  for (const name of files.map((file) => basename(file, '.json')).sort()) {
    try {
      samples.set(name, parseSample(JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))));
    } catch (cause) {
      throw new CliError(`${name}.json: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
  return samples;
}

/**
 * Sends all samples at the same time and shows how far each is.
 *
 * @param folder where the samples lie
 * @returns a run for each sample; of one that could not be sent it tells why
 * @throws the signal's reason when that aborts; what ended the collecting of replies
 */
export async function runSamples(
  samples: ReadonlyMap<string, Sample>,
  folder: string,
  mesh: MeshClient,
  signal: AbortSignal,
): Promise<readonly SampleRun[]> {
  const runs = new Map<string, SampleRun>();
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const tasks = new Listr<unknown, 'default', 'simple'>(
    [...samples].map(([name, sample]) => ({
      title: name,
      task: async (_context, task) => {
        const show = (observed: Observed) => {
          task.title = `${name}  ${progressOf(observed)}`.trimEnd();
        };
        const run = await runSample(name, sample, folder, mesh, stopped, show).catch((error) => failedRun(name, error, mesh.settings));
        runs.set(name, run);
        show(run.observed);
        if (stopped.aborted) task.skip();
        else if (run.differences.length > 0) throw new Error(run.differences.join('; '));
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      // Its own ends the process on the spot.
      registerSignalListeners: false,
      fallbackRenderer: 'simple',
      fallbackRendererCondition: () => !process.stdout.isTTY,
      silentRendererCondition: mesh.settings.json,
      // The outcome table follows.
      rendererOptions: { clearOutput: true },
    },
  );
  const work = [mesh.collectReplies(stop.signal), tasks.run()].map((part) => part.finally(() => stop.abort()));
  for (const part of await Promise.allSettled(work)) if (part.status === 'rejected') throw part.reason;
  signal.throwIfAborted();
  return [...samples.keys()].map((name) => {
    const run = runs.get(name);
    if (run === undefined) throw new Error(`the sample ${name} was not run`);
    return run;
  });
}

function failedRun(name: string, error: unknown, settings: Settings): SampleRun {
  const described = describeError(error, settings);
  const bug = error instanceof Error ? error.stack : undefined;
  const difference = described === undefined ? (bug ?? String(error)) : [described.message, described.remedy].filter(Boolean).join('. ');
  return { name, observed: { hops: [], charges: 0, replies: 0 }, differences: [difference], seconds: 0 };
}

/** How far a sample is at the last agent that it has come to. */
function progressOf({ hops }: Observed): string {
  const agent = hops.at(-1)?.agent;
  if (agent === undefined) return '';
  const own = hops.filter((hop) => hop.agent === agent);
  return `${agent} ${own.filter(({ outcome }) => outcome !== undefined).length}/${own.length}`;
}
