import { MeshClient } from '../../../client/index.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { foundTable } from '../agents/found-table.ts';
import type { RolloutFlags } from './rollout-flags.ts';

/** Shifts a share to an agent, and prints all agents of the capability. */
export async function rollout(capability: string, { to, share }: RolloutFlags, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const agents = await mesh.shift(capability, to, share);
    if (settings.json) for (const agent of agents) printJson(agent);
    else console.log(`${foundTable(agents)}\n\nProcesses use these weights within ten seconds.`);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}
