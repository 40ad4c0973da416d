import { registerHooks } from 'node:module';
import type { Edit, Mutant } from './mutant.ts';

/** What the campaign runs of the runtime. */
export interface RuntimeModules {
  readonly batchHandler: typeof import('../../functions/runtime/batch/handle-batch.ts').batchHandler;
  readonly defineAgent: typeof import('../../functions/runtime/agent/define-agent.ts').defineAgent;
  readonly refused: typeof import('../../functions/runtime/trust/token-refused.ts').refused;
  readonly MetricsRefusedError: typeof import('../../functions/runtime/metrics/metrics-recorder.ts').MetricsRefusedError;
  readonly errors: typeof import('../../functions/runtime/failure/errors.ts');
}

/** Folder that the files of edits are relative to. */
export const RUNTIME = new URL('../../functions/runtime/', import.meta.url).href;

/** What else can be broken: the contract, what clients use, and the probe. */
const OTHERS = ['../../events/', '../../client/', '../../functions/services/'].map((folder) => new URL(folder, import.meta.url).href);

/**
 * Loads the runtime as it is, or broken in one place: beside the true modules, under another query, so that one process can
 * hold both.
 *
 * @throws Error when the text that the mutant replaces is not in its file exactly once: the line was changed, change the mutant
 */
export async function loadRuntime(mutant?: Mutant): Promise<RuntimeModules> {
  const query = mutant ? queryOf(mutant) : '';
  if (mutant) breakModules(mutant, query);
  const load = (file: string) => import(`${RUNTIME}${file}${query}`);
  const batch: typeof import('../../functions/runtime/batch/handle-batch.ts') = await load('batch/handle-batch.ts');
  const define: typeof import('../../functions/runtime/agent/define-agent.ts') = await load('agent/define-agent.ts');
  const errors: typeof import('../../functions/runtime/failure/errors.ts') = await load('failure/errors.ts');
  const tokens: typeof import('../../functions/runtime/trust/token-refused.ts') = await load('trust/token-refused.ts');
  const metrics: typeof import('../../functions/runtime/metrics/metrics-recorder.ts') = await load('metrics/metrics-recorder.ts');
  // Loaded with the first message to a capability otherwise, which takes as long as the machine takes.
  await load('discovery/agent-finder.ts');
  const { MetricsRefusedError } = metrics;
  return { batchHandler: batch.batchHandler, defineAgent: define.defineAgent, errors, refused: tokens.refused, MetricsRefusedError };
}

/** What the URLs of a mutant's modules end with. */
export const queryOf = ({ name }: Mutant): string => `?mutant=${name}`;

function breakModules(mutant: Mutant, query: string): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const isOurs = [RUNTIME, ...OTHERS].some((folder) => resolved.url.startsWith(folder)) && context.parentURL?.endsWith(query);
      return isOurs ? { ...resolved, url: resolved.url + query } : resolved;
    },
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const edits = mutant.edits.filter(({ file }) => url === `${new URL(file, RUNTIME).href}${query}`);
      if (edits.length === 0) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: edits.reduce(replaceOnce, source) };
    },
  });
}

/** @throws Error when the text to replace is not there exactly once */
export function replaceOnce(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${new URL(file, RUNTIME).pathname} has ${parts.length - 1} times, not once: ${find}`);
  return parts.join(replace);
}
