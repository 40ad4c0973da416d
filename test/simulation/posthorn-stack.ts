import type { RuntimeSettings } from '../../functions/runtime/runtime.ts';
import { defineAgents } from './agents.ts';
import { loadBackpressure } from './load-backpressure.ts';
import { loadRuntime, type RuntimeModules } from './load-runtime.ts';
import { MUTANTS } from './mutants.ts';
import { OLDER_RUNTIME } from './older-runtime.ts';
import { MESH_PREFIX } from './simulated-issuer.ts';
import { simulatedPorts } from './simulated-ports.ts';
import { MAX_RECEIVES, type RunAgent, type Stack } from './simulation.ts';
import type { CampaignWorld } from './world.ts';

/**
 * The runtime, unchanged or with one fault, on simulated ports.
 *
 * @param authentication by default 'jwt' where there is an issuer of tokens, else 'iam'
 */
export function posthornStack(runtime: RuntimeModules, authentication?: RuntimeSettings['authentication']): RunAgent {
  const define = defineAgents(runtime);
  return (id, surroundings, services) => {
    const ports = simulatedPorts(id, surroundings.process, surroundings.world, services, runtime);
    return runtime.batchHandler(define(id, surroundings), ports, {
      inboxUrl: `${id} inbox`,
      errorQueueUrl: `${id} errors`,
      deadLetterQueueUrl: `${id} dlq`,
      maxReceives: MAX_RECEIVES,
      journeySampling: 1,
      traceSampling: 0.1,
      traceIndex: false,
      authentication: authentication ?? (services.issuer === undefined ? 'iam' : 'jwt'),
      meshPrefix: MESH_PREFIX,
    });
  };
}

/**
 * Processes of the runtime and of an older one on the same queues and table, in any order: an update, and the way back. The older one
 * knows no capabilities, so that its agents name those that they send to.
 */
function sideBySideStack(runtime: RuntimeModules, older: RuntimeModules): RunAgent {
  const [newStack, oldStack] = [posthornStack(runtime), posthornStack(older, 'none')];
  return (id, surroundings, services) =>
    surroundings.process.number % 2 === 0
      ? newStack(id, surroundings, services)
      : oldStack(id, { ...surroundings, hasDiscovery: false }, services);
}

/** The stack of a campaign. */
export async function loadStack({
  mutant: name,
  isSideBySide = false,
  hasBackpressure = false,
}: CampaignWorld & { readonly mutant?: string | undefined }): Promise<Stack> {
  const mutant = MUTANTS.find((each) => each.name === name);
  const runtime = await loadRuntime(mutant);
  return {
    runAgent: isSideBySide ? sideBySideStack(runtime, await loadRuntime(OLDER_RUNTIME)) : posthornStack(runtime),
    backpressure: hasBackpressure ? await loadBackpressure(mutant) : undefined,
  };
}
