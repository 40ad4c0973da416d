import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedCloud } from '../../infra/local/embedded-cloud.ts';
import { listen } from '../../infra/local/endpoint.ts';
import { EmbeddedCloudError } from '../../infra/local/errors.ts';
import type { LogLine } from '../../infra/local/function-worker.ts';
import { type PaymentService, startPaymentService } from '../../infra/local/payment-service.ts';
import { synthesize } from '../../infra/local/synthesize.ts';
import { CliError } from '../cli-error.ts';

/** A mesh on this machine: the synthesized stacks on the embedded cloud, and what the samples need around them. */
export interface LocalMesh extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly payments: PaymentService;
}

export interface LocalMeshOptions {
  readonly port: number;
  /** Keeps queues, tables and content between runs. */
  readonly dataDirectory: string | undefined;
  readonly onLog: (line: LogLine) => void;
  readonly onProgress: (step: string) => void;
}

const PROJECT = join(import.meta.dirname, '../..');

/**
 * Synthesizes the CDK app and runs the resulting template.
 *
 * @throws CliError when the port is taken or the data directory in use, and with the app's own words when it does not synthesize
 */
export async function startMesh({ port, dataDirectory, onLog, onProgress }: LocalMeshOptions): Promise<LocalMesh> {
  // One of its own: another mesh may be starting beside it.
  const assemblyDirectory = join(PROJECT, '.posthorn', `cdk.out.${process.pid}`);
  const payments = await startPaymentService();
  const cleanUp = async () => {
    await payments.close();
    await rm(assemblyDirectory, { recursive: true, force: true });
  };
  try {
    await refuseTakenPort(port);
    onProgress('Synthesizing the stacks');
    await synthesize({
      stage: 'dev',
      context: { agentEnvironment: JSON.stringify({ 'order-processing': { PAYMENT_URL: payments.url } }) },
      outputDirectory: assemblyDirectory,
      projectDirectory: PROJECT,
    });
    onProgress('Starting the embedded cloud');
    const cloud = await EmbeddedCloud.start({ assemblyDirectory, port, onLog, ...(dataDirectory !== undefined && { dataDirectory }) });
    return {
      cloud,
      payments,
      async [Symbol.asyncDispose]() {
        await cloud.stop();
        await cleanUp();
      },
    };
  } catch (error) {
    await cleanUp();
    // Its message is for the person at the terminal: a taken port, a data directory in use, an app that does not synthesize.
    throw error instanceof EmbeddedCloudError ? new CliError(error.message, { cause: error }) : error;
  }
}

/** Before the seconds that synthesis takes. */
async function refuseTakenPort(port: number): Promise<void> {
  const { server } = await listen(port, (_request, response) => response.destroy());
  await new Promise((closed) => server.close(closed));
}
