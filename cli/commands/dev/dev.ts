import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';
import type { MeshName } from '../../../events/names.ts';
import type { Sample } from '../../../events/sample.ts';
import type { EmbeddedCloudError } from '../../../local/errors.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { interruptible } from '../../interrupt.ts';
import { resolveSettings, type Settings } from '../../settings.ts';
import { metricsUrl } from './metrics-url.ts';
import { isUnrelated, meshNameOf, openProject } from './project.ts';
import { MeshClient } from './samples/mesh-client.ts';
import { report, sampleCount } from './samples/report.ts';
import { type RunSamplesOptions, readSamples, runSamples, sampleFiles } from './samples/run-samples.ts';
import type { SampleRun } from './samples/sample-run.ts';
import { type LocalMesh, type LocalMeshOptions, readable, startMesh } from './start-mesh.ts';
import { devLog } from './terminal/dev-log.ts';
import { liveView } from './terminal/live-view.ts';
import { showSteps } from './terminal/steps.ts';
import { readyLine, welcome } from './terminal/welcome.ts';
import { watchMesh } from './watch/watch-mesh.ts';

export interface DevOptions {
  readonly port: number;
  readonly data?: string;
  readonly once?: true;
  readonly samples: boolean;
  readonly watch: boolean;
  /** Of the command line. They win over the context of cdk.json. */
  readonly name: Partial<MeshName>;
}

/** Runs the mesh of the project in the working directory until an interrupt, or with `once` until the samples have ended. */
export const dev = (options: DevOptions, given: Omit<Settings, keyof MeshName>): Promise<void> =>
  interruptible((signal) => runMesh(options, given, signal));

async function runMesh(
  options: DevOptions,
  { region = 'us-east-1', json }: Omit<Settings, keyof MeshName>,
  interrupt: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([interrupt, failure.signal]);
  const onFailure = (error: EmbeddedCloudError) => failure.abort(readable(error));
  // A pipe or a file has no width.
  const columns = process.stdout.columns || Number.POSITIVE_INFINITY;
  const print = (line: string) => console.log(line);
  const startedAt = performance.now();
  const resources = new AsyncDisposableStack();
  try {
    const log = resources.use(devLog());
    let show = (_line: LogLine) => {};
    const onLog = (line: LogLine) => {
      log.write(line);
      show(line);
    };
    const project = await openProject(process.cwd()).catch((error) => Promise.reject(readable(error)));
    const dataDirectory = options.data === undefined ? undefined : resolve(options.data);
    const beside = (path: string) => isUnrelated(project, path, dataDirectory);
    const name = meshNameOf(project, options.name);
    const given = { port: options.port, dataDirectory, region, name };
    const mesh = resources.use(await startMeshShown({ ...given, project, isUnrelated: beside, onLog, onFailure, signal }, json));
    const { cloud } = mesh;
    const logFile = join(project.workFolder, `dev-${new URL(cloud.endpoint).port}.log`);
    log.openAt(logFile);
    // The environment's keys, profile and endpoint are for other meshes.
    const settings = resolveSettings({ endpointUrl: cloud.endpoint, region, ...name, json }, {});
    const client = resources.use(new MeshClient(settings));
    resources.defer(() => (json ? undefined : print(styleText('dim', 'Stopping …'))));
    const seconds = (performance.now() - startedAt) / 1_000;
    const foreignAgents = mesh.foreignDoubles.agents;
    const metrics = metricsUrl(cloud, name);
    const up = {
      endpoint: cloud.endpoint,
      metrics,
      region,
      ...name,
      unchanged: mesh.isUnchanged,
      ignored: cloud.ignored,
      doubles: foreignAgents.map(({ id }) => id),
    };
    if (json) print(JSON.stringify(up));
    else print(`\n${readyLine(cloud.endpoint, seconds, mesh.isUnchanged)}`);

    const samples = options.samples ? await readSamples(project.samples) : new Map<string, Sample>();
    // Until the samples have ended, other lines would break their progress display.
    if (samples.size > 0) {
      const options = { folder: project.samples, mesh: client, facts: mesh.doubles.facts, signal };
      report(await runSamplesShown(samples, options, json), json, columns);
    }
    signal.throwIfAborted();
    if (options.once) return;

    if (!json) {
      const [sample] = (await sampleFiles(project.samples)).toSorted((one, other) => one.length - other.length);
      const shown = {
        logFile,
        ignored: cloud.ignored,
        doubles: mesh.doubles,
        foreignAgents,
        isWatched: options.watch,
        metricsUrl: metrics,
        columns,
      };
      print(await welcome(client, { ...shown, sample: sample && join(project.samples, sample) }));
    }
    const view = liveView(settings, columns);
    const { exitCode } = process;
    show = (line) => view(line).forEach(print);
    if (options.watch) await watchMesh(mesh, { project, isUnrelated: beside, settings, signal, print });
    else if (!signal.aborted) await once(signal, 'abort');
    failure.signal.throwIfAborted();
    // An interrupt is the intended end.
    process.exitCode = exitCode;
  } finally {
    await resources.disposeAsync();
  }
}

async function runSamplesShown(
  samples: ReadonlyMap<string, Sample>,
  options: Omit<RunSamplesOptions, 'onProgress'>,
  json: boolean,
): Promise<readonly SampleRun[]> {
  const steps = json ? undefined : showSteps();
  try {
    steps?.begin(`Sending ${sampleCount(samples.size)}`);
    return await runSamples(samples, { ...options, onProgress: (detail) => steps?.progress(detail) });
  } finally {
    steps?.[Symbol.dispose]();
  }
}

async function startMeshShown(options: Omit<LocalMeshOptions, 'onProgress'>, json: boolean): Promise<LocalMesh> {
  const steps = json ? undefined : showSteps();
  try {
    return await startMesh({ ...options, onProgress: (step) => steps?.begin(step) });
  } finally {
    steps?.[Symbol.dispose]();
  }
}
