import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { RefusedError } from './refused-error.ts';

/** An agent found by {@link discoverAgents}. */
export interface AgentSource {
  readonly definition: AgentDefinition;
  /** Absolute path of the folder of its `agent.ts`. */
  readonly folder: string;
}

const isDefinition = (value: unknown): value is AgentDefinition =>
  typeof value === 'object' && value !== null && 'id' in value && 'capabilities' in value && 'handle' in value;

/**
 * Finds every agent: each folder of `agentsFolder` with an `agent.ts`, in the order of their names. No other list of agents exists. It
 * ignores a folder without TypeScript, and refuses a folder that has TypeScript but no `agent.ts`.
 *
 * @param agentsFolder absolute path
 * @throws RefusedError naming each folder without `agent.ts` or without a definition in it, and each folder whose name is not its
 *   agent's id
 * @throws any error from the import of an `agent.ts`
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
      problems.push(`agent folder '${name}': agent.ts is missing; move code that is not an agent out of ${agentsFolder}`);
    }
  }
  problems.push(...namingProblems(found));
  if (problems.length > 0) throw new RefusedError(problems);
  return found.map(({ name, definition }) => ({ definition, folder: join(agentsFolder, name) }));
}

async function readFolder(folder: string): Promise<readonly Dirent[]> {
  return await readdir(folder, { withFileTypes: true });
}

/** An agent's folder has its id as name, so that two agents cannot have the same id. */
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
