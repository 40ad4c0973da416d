import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { RefusedError } from './refused-error.ts';

/** An agent as it was found. */
export interface AgentSource {
  readonly definition: AgentDefinition;
  /** Absolute path of the folder that has its `agent.ts`. */
  readonly folder: string;
}

const isDefinition = (value: unknown): value is AgentDefinition =>
  typeof value === 'object' && value !== null && 'id' in value && 'capabilities' in value && 'handle' in value;

/**
 * Finds every agent: each folder of `agentsFolder` with an `agent.ts`, in the order of their names. Nothing else lists agents. A
 * folder without TypeScript (of notes, or what a removed agent left) is none; one with other TypeScript is taken for a mistake.
 *
 * @param agentsFolder absolute path
 * @throws RefusedError that names each folder without `agent.ts` or without a definition in it, and each that is not named after its
 * agent's id
 * @throws what an `agent.ts` throws when it is imported
 * @example
 * ```ts
 * import { join } from 'node:path';
 *
 * const agents = await discoverAgents(join(import.meta.dirname, '../agents'));
 * ```
 */
export async function discoverAgents(agentsFolder: string): Promise<readonly AgentSource[]> {
  const entries = await readFolder(agentsFolder);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found: { readonly name: string; readonly definition: AgentDefinition }[] = [];
  const problems: string[] = [];
  for (const name of names.sort()) {
    const files = await readFolder(join(agentsFolder, name));
    if (files.some((file) => file.name === 'agent.ts')) {
      const module: { readonly default?: unknown } = await import(pathToFileURL(join(agentsFolder, name, 'agent.ts')).href);
      if (isDefinition(module.default)) found.push({ name, definition: module.default });
      else problems.push(`agent folder '${name}': agent.ts must export default defineAgent({...})`);
    } else if (files.some((file) => file.name.endsWith('.ts'))) {
      problems.push(`agent folder '${name}': agent.ts is missing; code that is no agent belongs outside of ${agentsFolder}`);
    }
  }
  problems.push(...namingProblems(found));
  if (problems.length > 0) throw new RefusedError(problems);
  return found.map(({ name, definition }) => ({ definition, folder: join(agentsFolder, name) }));
}

async function readFolder(folder: string): Promise<readonly Dirent[]> {
  return await readdir(folder, { withFileTypes: true });
}

/** An agent's folder has the name of its id, so that no two agents have one id. */
function namingProblems(found: readonly { readonly name: string; readonly definition: AgentDefinition }[]): readonly string[] {
  const namesById = Map.groupBy(found, ({ definition }) => definition.id);
  return found.flatMap(({ name, definition: { id } }) => {
    const others = (namesById.get(id) ?? []).filter((other) => other.name !== name).map((other) => `'${other.name}'`);
    return [
      ...(others.length > 0 ? [`agent folder '${name}': the id '${id}' is also that of ${others.join(', ')}`] : []),
      ...(name === id ? [] : [`agent folder '${name}': its agent's id is '${id}'; name the folder after the id`]),
    ];
  });
}
