import { once } from 'node:events';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { interruptible } from '../interrupt.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import { MeshClient } from './mesh-client.ts';
import { messageNews } from './message-news.ts';
import { heldLog } from './open-log.ts';
import { report } from './report.ts';
import { readSamples, runSamples, SAMPLES } from './run-samples.ts';
import { startMesh, WORKPLACE } from './start-mesh.ts';
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
  // The samples have a list of their own, which other lines would break.
  let isTelling = false;
  let news: ReturnType<typeof messageNews> | undefined;
  await using mesh = await startMesh({
    port: options.port,
    dataDirectory: options.data,
    region,
    stage,
    onLog(line) {
      log.write(`${line.functionName} ${line.text}`);
    },
    signal,
  });
  using client = new MeshClient(settings, payments);
  try {
    if (json) console.log(JSON.stringify({ endpoint: cloud.endpoint, region, stage, payments: payments.url, ignored: cloud.ignored }));
    else {
      const seconds = (performance.now() - startedAt) / 1_000;
      console.log(await welcome(mesh, client, { logFile: LOG_FILE, seconds, columns }));
    }
    if (options.samples) report(await runSamples(await readSamples(), SAMPLES, client, signal), json, columns);
    signal.throwIfAborted();
    if (options.once) return;
    say(`${options.samples ? '\n' : ''}The mesh stays up. ${styleText('bold', 'Ctrl-C')} ends it.`);
    const { exitCode } = process;
    await once(signal, 'abort');
    // That is how it is meant to end.
    process.exitCode = exitCode;
  } finally {
    say(styleText('dim', 'Stopping …'));
  }
}
