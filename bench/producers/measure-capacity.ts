import { sendNumbered } from './send-numbered.ts';
import type { SteadyMesh } from './steady-mesh.ts';

/** The agent loads what it needs while it handles these. */
const COLD_SHARE = 1 / 2;

/** Messages that the agent handles each second while enough of them wait. The inbox is empty afterwards. */
export async function measureCapacity(mesh: SteadyMesh, messages = 3_000): Promise<number> {
  const ids = await sendNumbered(mesh, messages);
  await mesh.drained();
  const handled = ids.map((id) => mesh.handledAt.get(id) ?? Number.NaN).sort((one, other) => one - other);
  const warm = handled.slice(Math.ceil(messages * COLD_SHARE));
  // The first of these ends the time in which it was handled.
  const seconds = ((warm.at(-1) ?? Number.NaN) - (warm[0] ?? Number.NaN)) / 1_000;
  return warm.filter((at) => at > (warm[0] ?? Number.NaN)).length / seconds;
}
