import { rmSync } from 'node:fs';
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PaymentService, startPaymentService } from '../../../functions/agents/order-processing/payment-service.ts';
import { EmbeddedCloud } from '../../../local/embedded-cloud.ts';
import { EmbeddedCloudError } from '../../../local/errors.ts';
import type { LogLine } from '../../../local/lambda/function-worker.ts';
import { listen } from '../../../local/services/endpoint.ts';
import { synthesize } from '../../../local/template/synthesize.ts';
import { CliError } from '../../cli-error.ts';
import { assemblyDirectoryIn, sweepAssemblies } from './remove-stale-assemblies.ts';

/** A mesh on this machine: the synthesized stacks on the embedded cloud, and what the samples need around them. */
export interface LocalMesh extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly payments: PaymentService;
}

export interface LocalMeshOptions {
  readonly port: number;
  /** Keeps queues, tables and content between runs. */
  readonly dataDirectory: string | undefined;
  readonly region: string;
  readonly stage: string;
  readonly onLog: (line: LogLine) => void;
  readonly onProgress: (step: string) => void;
  readonly signal: AbortSignal;
}

const PROJECT = join(import.meta.dirname, '../../..');

/** What meshes leave in the project: assemblies while they run, and their logs. */
export const WORKPLACE = join(PROJECT, '.posthorn');

/**
 * Synthesizes the CDK app and runs the resulting template. Every journey is in the trace index, whatever share the stage samples.
 *
 * @throws CliError when the port is taken or the data directory in use or no use, and with the app's own words when it does not
 *   synthesize
 * @throws the signal's reason when that aborts: the synthesis at once, otherwise after the step in hand
 */
export async function startMesh(options: LocalMeshOptions): Promise<LocalMesh> {
  const { port, dataDirectory, region, stage, onLog, onProgress, signal } = options;
  // One of its own: another mesh may be starting beside it.
  const assemblyDirectory = assemblyDirectoryIn(WORKPLACE);
  // The functions' code is in it, so it is needed to the end, whatever that is.
  process.once('exit', () => rmSync(assemblyDirectory, { recursive: true, force: true }));
  const payments = await startPaymentService();
  try {
    await refuseTakenPort(port);
    if (dataDirectory !== undefined) await refuseUselessData(dataDirectory);
    await sweepAssemblies(WORKPLACE);
    onProgress('Synthesizing the stacks');
    await synthesize({
      stage,
      context: { agentEnvironment: JSON.stringify({ 'order-processing': { PAYMENT_URL: payments.url } }), traceSampling: 1 },
      outputDirectory: assemblyDirectory,
      projectDirectory: PROJECT,
      signal,
    });
    onProgress('Starting the embedded cloud');
    const cloud = await EmbeddedCloud.start({
      assemblyDirectory,
      port,
      region,
      onLog,
      ...(dataDirectory !== undefined && { dataDirectory }),
    });
    if (signal.aborted) await cloud.stop();
    signal.throwIfAborted();
    return {
      cloud,
      payments,
      async [Symbol.asyncDispose]() {
        await cloud.stop();
        await payments.close();
      },
    };
  } catch (error) {
    await payments.close();
    // A terminal's Ctrl-C ends the synthesis too, which is no fault of the app.
    signal.throwIfAborted();
    // Its message is for the person at the terminal: a taken port, a data directory in use, an app that does not synthesize.
    throw error instanceof EmbeddedCloudError ? new CliError(error.message, { cause: error }) : error;
  }
}

/** Before the seconds that synthesis takes. */
async function refuseTakenPort(port: number): Promise<void> {
  const { server } = await listen(port, (_request, response) => response.destroy());
  await new Promise((closed) => server.close(closed));
}

async function refuseUselessData(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new CliError(`--data '${directory}' is no directory that can be written to: ${cause.message}`, {
      cause,
      remedy: 'Give a directory of your own, or a path where one can be made.',
    });
  }
}
