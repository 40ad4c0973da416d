import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { ignoredLine } from '../../infra/local/ignored.ts';
import { inboxName } from '../../infra/names.ts';
import { findQueues } from '../queues.ts';
import type { Settings } from '../settings.ts';
import { MeshClient } from './mesh-client.ts';
import { outcomeTable } from './outcome-table.ts';
import { readSamples, runSamples } from './run-samples.ts';
import type { SampleRun } from './sample-run.ts';
import { type LocalMesh, startMesh } from './start-mesh.ts';

export interface DevOptions {
  readonly port: number;
  readonly data?: string;
  readonly once?: true;
  readonly samples: boolean;
}

const LOG_FOLDER = '.posthorn';

/** Runs the mesh on this machine until it is interrupted, or with `once` until the samples have ended. */
export async function dev(options: DevOptions, given: Settings): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const say = (line: string) => given.json || console.log(line);

  const startedAt = performance.now();
  const logFile = join(LOG_FOLDER, 'dev.log');
  await mkdir(LOG_FOLDER, { recursive: true });
  const log = createWriteStream(logFile);
  await using mesh = await startMesh({
    port: options.port,
    dataDirectory: options.data,
    onLog: ({ functionName, text }) => log.write(`${functionName} ${text}\n`),
    onProgress: (step) => say(styleText('dim', `${step} …`)),
  });
  const settings: Settings = { ...given, endpointUrl: mesh.cloud.endpoint, region: 'us-east-1', local: true };
  using client = new MeshClient(settings, mesh.payments);
  if (given.json) console.log(JSON.stringify({ endpoint: mesh.cloud.endpoint, payments: mesh.payments.url, ignored: mesh.cloud.ignored }));
  else say(await welcome(mesh, client, logFile, (performance.now() - startedAt) / 1_000));

  if (options.samples && !interrupted.signal.aborted) {
    const runs = await runSamples(await readSamples(), client, given.json, interrupted.signal);
    if (!interrupted.signal.aborted) report(runs, given.json);
  }
  if (!options.once && !interrupted.signal.aborted) {
    say(`\nThe mesh stays up. ${styleText('bold', 'Ctrl-C')} ends it.`);
    await once(interrupted.signal, 'abort');
  }
  say(styleText('dim', 'Stopping …'));
}

async function welcome(mesh: LocalMesh, client: MeshClient, logFile: string, seconds: number): Promise<string> {
  const inboxes = await findQueues(client.sqs, client.settings, inboxName);
  const width = Math.max(...inboxes.map(({ agent }) => agent.length));
  return [
    '',
    `${styleText('bold', 'Posthorn')} is up at ${styleText('cyan', mesh.cloud.endpoint)} (SQS, DynamoDB, S3, SNS), ready in ${seconds.toFixed(1)} s.`,
    '',
    ...inboxes.map(({ agent, url }) => `  ${agent.padEnd(width)}  ${url}`),
    '',
    `  logs      ${logFile}`,
    `  payments  ${mesh.payments.url}`,
    `  send      npx posthorn send events/samples/order.json --endpoint-url ${mesh.cloud.endpoint}`,
    styleText('dim', `  ${ignoredLine(mesh.cloud.ignored)}`),
    '',
  ].join('\n');
}

function report(runs: readonly SampleRun[], asJson: boolean): void {
  const wrong = runs.filter(({ differences }) => differences.length > 0);
  if (wrong.length > 0) process.exitCode = 1;
  if (asJson) {
    for (const { name, observed, differences, seconds } of runs)
      console.log(JSON.stringify({ sample: name, ...observed, differences, seconds }));
    return;
  }
  console.log(`\n${outcomeTable(runs)}`);
  for (const { name, differences } of wrong) console.log(`${styleText('red', '✘')} ${name}: ${differences.join('; ')}`);
  console.log(
    wrong.length === 0
      ? `${runs.length} samples, each ended as it declares.`
      : `${wrong.length} of ${runs.length} samples did not end as they declare.`,
  );
}
