import { once } from 'node:events';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { LogLine } from '../../infra/local/function-worker.ts';
import { interruptible } from '../interrupt.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import { heldLog } from './held-log.ts';
import { MeshClient } from './mesh-client.ts';
import { messageNews } from './message-news.ts';
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
  await using log = heldLog();
  let tell = (_line: LogLine) => {};
  const onLog = (line: LogLine) => {
    log.write(`${line.functionName} ${line.text}`);
    tell(line);
  };
  await using mesh = await startMeshShown({ port: options.port, dataDirectory: options.data, region, stage, onLog, signal }, json);
  const { cloud, payments } = mesh;
  const logFile = join(WORKPLACE, `dev-${new URL(cloud.endpoint).port}.log`);
  log.openAt(logFile);
  // The environment's keys, profile and endpoint are for other meshes.
  const settings = resolveSettings({ endpointUrl: cloud.endpoint, region, stage, json }, {});
  using client = new MeshClient(settings, payments);
  const news = messageNews(settings, columns);
  const showMessages = () => {
    tell = (line) => {
      for (const text of news(line)) console.log(text);
    };
  };
  try {
    if (json) console.log(JSON.stringify({ endpoint: cloud.endpoint, region, stage, payments: payments.url, ignored: cloud.ignored }));
    else {
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(await welcome(mesh, client, { logFile, seconds, columns }));
    }
    // In between, other lines would break the list of samples.
    if (options.samples) report(await runSamples(await readSamples(), SAMPLES, client, signal), json, columns);
    signal.throwIfAborted();
    if (options.once) return;
    say(
      `${options.samples ? '\n' : ''}The mesh stays up, and shows here what becomes of messages. ${styleText('bold', 'Ctrl-C')} ends it.`,
    );
    showMessages();
    const { exitCode } = process;
    await once(signal, 'abort');
    // That is how it is meant to end.
    process.exitCode = exitCode;
  } finally {
    say(styleText('dim', 'Stopping …'));
  }
}

async function startMeshShown(options: Omit<LocalMeshOptions, 'onProgress'>, json: boolean): Promise<LocalMesh> {
  using steps = json ? undefined : showSteps();
  return await startMesh({ ...options, onProgress: (step) => steps?.begin(step) });
}
