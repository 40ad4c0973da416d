import { MeshClient } from '../../../client/index.ts';
import { jsonText, printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';

/** Prints the A2A card of an agent: JSON over several lines, or on one with `--json`. */
export async function card(agent: string, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const found = await mesh.agentCard(agent);
    if (settings.json) printJson(found);
    else console.log(jsonText(found));
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}
