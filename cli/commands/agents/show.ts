import { MeshClient } from '../../../client/index.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { detailsText } from './details-text.ts';

/** Prints everything about an agent. */
export async function show(agent: string, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const details = await mesh.describeAgent(agent);
    const surroundings = { nowMs: Date.now(), columns: process.stdout.columns || undefined, flags: meshFlags(settings) };
    if (settings.json) printJson(details);
    else console.log(detailsText(details, surroundings));
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}
