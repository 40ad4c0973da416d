import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import { ignoredLine } from '../infra/local/ignored.ts';
import { inboxName } from '../infra/names.ts';
import { MeshClient } from './dev/mesh-client.ts';
import { outcomeTable } from './dev/outcome-table.ts';
import { readSamples, runSamples } from './dev/run-samples.ts';
import type { SampleRun } from './dev/sample-run.ts';
import { type LocalMesh, startMesh } from './dev/start-mesh.ts';
import { findQueues } from './queues.ts';
import { type Settings, settingsOf } from './settings.ts';

interface DevOptions {
  readonly port: number;
  readonly data?: string;
  readonly once?: true;
  readonly samples: boolean;
}

const LOG_FOLDER = '.posthorn';

/** `posthorn dev`: the mesh on this machine. */
export const devCommand = (): Command =>
  new Command('dev')
    .description('Runs the synthesized stacks on this machine, sends the samples through them, and stays up.')
    .option('--port <port>', 'where the AWS endpoint listens on 127.0.0.1; 0 takes any', parsePort, 4566)
    .option('--data <directory>', 'keeps queues, tables and content there between runs (default: in memory)')
    .option('--once', 'exits after the samples: 0 when each ended as it declares, 1 otherwise')
    .option('--no-samples', 'sends no samples')
    .action(async (options: DevOptions, command: Command) => dev(options, settingsOf(command)));

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('must be a whole number from 0 to 65535.');
  return port;
}

async function dev(options: DevOptions, given: Settings): Promise<void> {
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
  say(await welcome(mesh, client, logFile, (performance.now() - startedAt) / 1_000));

  if (options.samples) {
    const runs = await Promise.race([
      runSamples(await readSamples(), client, given.json),
      once(interrupted.signal, 'abort').then(() => []),
    ]);
    report(runs, given.json);
    if (runs.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
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
    `  ${ignoredLine(mesh.cloud.ignored)}`,
    '',
  ].join('\n');
}

function report(runs: readonly SampleRun[], asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(runs.map(({ name, observed, differences, seconds }) => ({ name, ...observed, differences, seconds }))));
    return;
  }
  console.log(`\n${outcomeTable(runs)}`);
  const wrong = runs.filter(({ differences }) => differences.length > 0);
  for (const { name, differences } of wrong) console.log(`${styleText('red', '✘')} ${name}: ${differences.join('; ')}`);
  console.log(
    wrong.length === 0
      ? `${runs.length} samples, each ended as it declares.`
      : `${wrong.length} of ${runs.length} samples did not end as they declare.`,
  );
}
