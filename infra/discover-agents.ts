import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { RefusedError } from './refused-error.ts';

/** An agent as it was found: its definition, and the file that its function starts with. */
export interface AgentSource {
  readonly folder: string;
  readonly definition: AgentDefinition;
  /** Absolute path of the agent's `lambda.ts`. */
  readonly entry: string;
}

const isDefinition = (value: unknown): value is AgentDefinition =>
  typeof value === 'object' && value !== null && 'id' in value && 'capabilities' in value && 'handle' in value;

/**
 * Finds every agent: each folder of `agentsFolder` with an `agent.ts`, in the order of their names. Nothing else lists agents.
 *
 * @param agentsFolder absolute path
 * @throws RefusedError naming each folder without a definition or an entry, and each agent that cannot be deployed beside the others
 * @example
 * ```ts
 * const agents = await discoverAgents('/my-mesh/functions/agents');
 * ```
 */
export async function discoverAgents(agentsFolder: string): Promise<readonly AgentSource[]> {
  const entries = await readdir(agentsFolder, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory() && existsSync(join(agentsFolder, entry.name, 'agent.ts')))
    .map((entry) => entry.name)
    .sort();
  const problems: string[] = [];
  const sources: AgentSource[] = [];
  for (const folder of folders) {
    const module: { readonly default?: unknown } = await import(pathToFileURL(join(agentsFolder, folder, 'agent.ts')).href);
    const entry = join(agentsFolder, folder, 'lambda.ts');
    if (!isDefinition(module.default)) problems.push(`agent folder '${folder}': agent.ts must export default defineAgent({...})`);
    else if (!existsSync(entry)) problems.push(`agent folder '${folder}': lambda.ts is missing, the entry of its function`);
    else sources.push({ folder, definition: module.default, entry });
  }
  problems.push(...checkAgents(sources));
  if (problems.length > 0) throw new RefusedError(problems);
  return sources;
}

/** What makes a set of agents impossible to deploy, in words; empty if nothing does. */
export function checkAgents(sources: readonly Pick<AgentSource, 'folder' | 'definition'>[]): readonly string[] {
  const foldersById = Map.groupBy(sources, ({ definition }) => definition.id);
  return sources.flatMap(({ folder, definition: { id, sendsTo } }) => {
    const problems: string[] = [];
    const others = (foldersById.get(id) ?? []).filter((source) => source.folder !== folder);
    if (others.length > 0) {
      problems.push(`agent folder '${folder}': the id '${id}' is also that of ${others.map((other) => `'${other.folder}'`).join(', ')}`);
    }
    if (folder !== id) problems.push(`agent folder '${folder}': its agent's id is '${id}'; name the folder after the id`);
    for (const target of sendsTo) {
      if (!foldersById.has(target)) {
        problems.push(`agent '${id}': sendsTo names '${target}', which does not exist; agents are ${[...foldersById.keys()].join(', ')}`);
      }
    }
    return problems;
  });
}
