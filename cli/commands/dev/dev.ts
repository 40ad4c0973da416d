import { once } from 'node:events';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { interruptible } from '../../interrupt.ts';
import { resolveSettings, type Settings } from '../../settings.ts';
import { devLog } from './dev-log.ts';
import { liveView } from './live-view.ts';
import { MeshClient } from './mesh-client.ts';
import { report } from './report.ts';
import { readSamples, runSamples, SAMPLES } from './run-samples.ts';
import { type LocalMesh, type LocalMeshOptions, startMesh, WORKPLACE } from './start-mesh.ts';
import { showSteps } from './steps.ts';
import { welcome } from './welcome.ts';

export interface DevOptions {
  readonly port: number;
  readonly data?: string;
  readonly once?: true;
  readonly samples: boolean;
}

/** Runs the mesh on this machine until it is interrupted, or with `once` until the samples have ended. */
export const dev = (options: DevOptions, given: Settings): Promise<void> => interruptible((signal) => runMesh(options, given, signal));

async function runMesh(options: DevOptions, { region = 'us-east-1', stage, json }: Settings, signal: AbortSignal): Promise<void> {
  // A pipe or a file has no width.
  const columns = process.stdout.columns || Number.POSITIVE_INFINITY;
  const say = (line: string) => json || console.log(line);
  const startedAt = performance.now();
  const resources = new AsyncDisposableStack();
  try {
    const log = resources.use(devLog());
    let show = (_line: LogLine) => {};
    const onLog = (line: LogLine) => {
      log.write(`${line.functionName} ${line.text}`);
      show(line);
    };
    const mesh = resources.use(
      await startMeshShown({ port: options.port, dataDirectory: options.data, region, stage, onLog, signal }, json),
    );
    const { cloud, payments } = mesh;
    const logFile = join(WORKPLACE, `dev-${new URL(cloud.endpoint).port}.log`);
    log.openAt(logFile);
    // The environment's keys, profile and endpoint are for other meshes.
    const settings = resolveSettings({ endpointUrl: cloud.endpoint, region, stage, json }, {});
    const client = resources.use(new MeshClient(settings, payments));
    resources.defer(() => void say(styleText('dim', 'Stopping …')));
    if (json) console.log(JSON.stringify({ endpoint: cloud.endpoint, region, stage, payments: payments.url, ignored: cloud.ignored }));
    else {
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(await welcome(mesh, client, { logFile, seconds, columns }));
    }
    // In between, other lines would break the list of samples.
    if (options.samples) report(await runSamples(await readSamples(), SAMPLES, client, signal), json, columns);
    signal.throwIfAborted();
    if (options.once) return;
    say(`${options.samples ? '\n' : ''}The mesh stays up, and shows here how each delivery ends. ${styleText('bold', 'Ctrl-C')} ends it.`);
    const view = liveView(settings, columns);
    show = (line) => {
      for (const text of view(line)) console.log(text);
    };
    const { exitCode } = process;
    await once(signal, 'abort');
    // That is how it is meant to end.
    process.exitCode = exitCode;
  } finally {
    await resources.disposeAsync();
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
