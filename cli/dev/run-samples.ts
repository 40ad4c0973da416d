import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Listr } from 'listr2';
import type { Sample } from '../../events/sample.ts';
import { CliError } from '../cli-error.ts';
import { parseSample } from '../send/sample-items.ts';
import type { Observed } from './differences.ts';
import type { MeshClient } from './mesh-client.ts';
import { runSample, type SampleRun } from './sample-run.ts';

export const SAMPLES = join(import.meta.dirname, '../../events/samples');

/** All sample files, by name. @throws CliError naming the file that is no sample */
export async function readSamples(folder = SAMPLES): Promise<ReadonlyMap<string, Sample>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const samples = new Map<string, Sample>();
  for (const file of files) {
    try {
      samples.set(basename(file, '.json'), parseSample(JSON.parse(await readFile(join(folder, file), 'utf8'))));
    } catch (cause) {
      throw new CliError(`${file}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    }
  }
  return samples;
}

/** Sends all samples at the same time and shows how far each is. */
export async function runSamples(
  samples: ReadonlyMap<string, Sample>,
  mesh: MeshClient,
  isQuiet: boolean,
  signal: AbortSignal,
): Promise<readonly SampleRun[]> {
  const runs: SampleRun[] = [];
  const stop = new AbortController();
  const collecting = mesh.collectReplies(stop.signal);
  const tasks = new Listr<unknown, 'default' | 'silent', 'simple'>(
    [...samples].map(([name, sample]) => ({
      title: name,
      task: async (_context, task) => {
        const run = await runSample(name, sample, SAMPLES, mesh, signal, (observed) => {
          task.title = `${name}  ${progressOf(observed)}`;
        });
        task.title = `${name}  ${progressOf(run.observed)}`;
        runs.push(run);
        if (run.differences.length > 0) throw new Error(run.differences.join('; '));
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      renderer: isQuiet ? 'silent' : 'default',
      fallbackRenderer: 'simple',
      fallbackRendererCondition: () => !process.stdout.isTTY,
      rendererOptions: { collapseErrors: false },
    },
  );
  try {
    await tasks.run();
  } finally {
    stop.abort();
    await collecting;
  }
  return runs.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function progressOf({ hops }: Observed): string {
  const agents = Map.groupBy(hops, ({ agent }) => agent);
  return [...agents]
    .map(([agent, own]) => `${agent} ${own.filter(({ outcome }) => outcome !== undefined).length}/${own.length}`)
    .join(' → ');
}
