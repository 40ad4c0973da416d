import { App } from 'aws-cdk-lib';
import { RefusedError } from './refused-error.ts';

/**
 * Runs a CDK app: makes it, lets `compose` add to it, and synthesizes it. When that throws a {@link RefusedError}, nothing is synthesized:
 * its lines go to stderr without a stack trace, and the process ends with 1.
 *
 * @throws whatever else `compose` or the synthesis throws
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
