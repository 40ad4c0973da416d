import { median } from '../median.ts';
import { sendNumbered } from './send-numbered.ts';
import type { SteadyMesh } from './steady-mesh.ts';

/** How the messages of a quiet tenant fare behind those of a noisy one. */
export interface TenantFigures {
  readonly withTenants: boolean;
  readonly noisy: number;
  readonly quiet: number;
  /** From when the agent begins to when it has handled the message. */
  readonly medianWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** Of the last of the quiet one's messages, in the order of handling, from 1. */
  readonly lastPlace: number;
}

const NOISE = 100;

/** Sends the messages of both while the agent is stopped, those of the quiet one last. @param mesh whose inbox is empty */
export async function measureTenants(mesh: SteadyMesh, withTenants: boolean, quiet: number): Promise<TenantFigures> {
  await mesh.stopped();
  const noisyIds = await sendNumbered(mesh, NOISE * quiet, withTenants ? 'noisy' : undefined);
  const quietIds = await sendNumbered(mesh, quiet, withTenants ? 'quiet' : undefined);
  const startedAt = Date.now();
  await mesh.resumed();
  await mesh.drained();

  const own = new Set([...noisyIds, ...quietIds]);
  const order = [...mesh.handledAt.keys()].filter((id) => own.has(id));
  const waits = quietIds.map((id) => ((mesh.handledAt.get(id) ?? Number.NaN) - startedAt) / 1_000);
  return {
    withTenants,
    noisy: noisyIds.length,
    quiet,
    medianWaitSeconds: median(waits),
    longestWaitSeconds: Math.max(...waits),
    lastPlace: 1 + Math.max(...quietIds.map((id) => order.indexOf(id))),
  };
}
