import { App } from 'aws-cdk-lib';
import { RefusedError } from './refused-error.ts';

/**
 * Runs a CDK app: creates it, lets `compose` add to it, and synthesizes it. A {@link RefusedError} ends the process with exit code 1: its
 * lines go to stderr without a stack trace, and nothing is synthesized.
 *
 * @throws any other error of `compose` or the synthesis
 * @example
 * ```ts
 * await runApp((app) => {
 *   new MeshStack(app);
 * });
 * ```
 */
export async function runApp(compose: (app: App) => void | Promise<void>): Promise<void> {
  const app = new App({ autoSynth: false });
  try {
    await compose(app);
    app.synth();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
