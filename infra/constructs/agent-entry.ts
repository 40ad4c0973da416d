import { existsSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { FunctionEntry } from './bundle-function.ts';

/** Lies beside this module, both in the sources and in the published package. */
const LAMBDA_HANDLER = join(import.meta.dirname, `../../functions/runtime/aws/lambda-handler${extname(import.meta.filename)}`);

/**
 * The entry of an agent's function: the folder's `lambda.ts` if it exists, which must export `handler`; otherwise a generated module
 * that wraps the default export of `agent.ts` in the runtime.
 *
 * @param folder absolute path of the agent's folder
 */
export function agentEntry(folder: string): FunctionEntry {
  const own = join(folder, 'lambda.ts');
  if (existsSync(own)) return own;
  // Relative, so that a bundle does not depend on the checkout's path.
  const lambdaHandler = JSON.stringify(`./${relative(folder, LAMBDA_HANDLER).split(sep).join('/')}`);
  return {
    folder,
    source: `import { lambdaHandler } from ${lambdaHandler};
import agent from './agent.ts';
export const handler = lambdaHandler(agent);
`,
  };
}
