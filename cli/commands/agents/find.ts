import { MeshClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import type { FindFlags } from './find-flags.ts';
import { foundText, seenAgents } from './found-text.ts';

/** Prints the agents that offer a capability. @param query `<capability>` or `<capability>@<range>` */
export async function find(query: string, { maxLatency, healthy, limit }: FindFlags, settings: Settings): Promise<void> {
  const { capability, version } = parseQuery(query);
  const mesh = new MeshClient(settings);
  try {
    const found = await mesh.findAgents({ capability, version, maxLatencyMs: maxLatency, healthy, limit });
    if (found.length === 0 && !settings.json) throw await nobody(mesh, query, capability);
    const seen = seenAgents(found, found.length === 0 ? [] : await mesh.metrics());
    if (settings.json) for (const agent of seen) printJson(agent);
    else console.log(foundText(seen, { nowMs: Date.now(), columns: process.stdout.columns || undefined }));
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

function parseQuery(query: string): { readonly capability: string; readonly version: string | undefined } {
  const at = query.indexOf('@');
  return at === -1 ? { capability: query, version: undefined } : { capability: query.slice(0, at), version: query.slice(at + 1) };
}

async function nobody(mesh: MeshClient, query: string, capability: string): Promise<CliError> {
  const all = await mesh.findAgents({ capability });
  if (all.length === 0)
    return new CliError(`no agent offers '${capability}'`, { remedy: 'Deploy an agent with this capability, or check stage and prefix.' });
  const offered = all.map(({ agent, version }) => `${agent} (${version})`).join(', ');
  return new CliError(`no agent matches '${printableLine(query)}' and these options`, {
    remedy: `Those that offer '${capability}': ${offered}.`,
  });
}
