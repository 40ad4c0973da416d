import { registerHooks } from 'node:module';
import { queryOf } from './load-runtime.ts';
import type { Mutant } from './mutant.ts';

/** What the campaign runs of clients and of the probe. */
export interface BackpressureModules {
  readonly createProducer: typeof import('../../client/producer/create-producer.ts').createProducer;
  readonly probe: typeof import('../../functions/services/probe/probe.ts').probe;
}

const ROOT = new URL('../../', import.meta.url).href;
const AWS_CLIENTS = `${ROOT}client/aws-clients.ts`;
const SIMULATED = new URL('./simulated-aws-clients.ts', import.meta.url).href;

/**
 * Loads the producer and the probe as they are, or broken in one place, with clients of AWS whose requests a simulation answers. The
 * mutant's runtime must have been loaded before.
 */
export async function loadBackpressure(mutant?: Mutant): Promise<BackpressureModules> {
  const query = mutant ? queryOf(mutant) : '?simulated';
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      if (!context.parentURL?.endsWith(query)) return resolved;
      const [url] = resolved.url.split('?');
      if (url === AWS_CLIENTS) return { ...resolved, url: SIMULATED };
      const isClients = url?.startsWith(`${ROOT}client/`) && resolved.url === url;
      return isClients ? { ...resolved, url: `${url}${query}` } : resolved;
    },
  });
  const producer: typeof import('../../client/producer/create-producer.ts') = await import(
    `${ROOT}client/producer/create-producer.ts${query}`
  );
  const probing: typeof import('../../functions/services/probe/probe.ts') = await import(
    `${ROOT}functions/services/probe/probe.ts${query}`
  );
  return { createProducer: producer.createProducer, probe: probing.probe };
}
