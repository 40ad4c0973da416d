import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import type { Settings } from './config.ts';
import { RefusedError } from './refused-error.ts';

/** Of the 4 KiB that Lambda takes, as JSON: what the mesh's own variables may come to, with the longest names there are. */
const MESH_BYTES = 1_152;
const MAX_BYTES = 4_096 - MESH_BYTES;

/**
 * The agents' own variables in this stage, by agent id: as defined, with the stage's overrides.
 *
 * @throws RefusedError that names each override of an agent that does not exist, or of a variable that its definition does not
 * declare, and each agent whose variables and targets are more than Lambda takes
 */
export function resolveAgentEnvironments(
  definitions: readonly AgentDefinition[],
  overrides: Settings['agentEnvironment'],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  const problems = Object.entries(overrides).flatMap(([id, variables]) => {
    const definition = byId.get(id);
    if (definition === undefined)
      return [`setting 'agentEnvironment.${id}': there is no such agent; agents are ${[...byId.keys()].join(', ')}`];
    const declared = Object.keys(definition.environment);
    return Object.keys(variables)
      .filter((name) => !declared.includes(name))
      .map(
        (name) =>
          `setting 'agentEnvironment.${id}.${name}': the agent does not declare this variable; ` +
          `declared are ${declared.length > 0 ? declared.join(', ') : 'none'}`,
      );
  });
  const environments = new Map(definitions.map(({ id, environment }) => [id, { ...environment, ...overrides[id] }]));
  for (const { id, sendsTo } of definitions) {
    const bytes = Buffer.byteLength(JSON.stringify({ ...environments.get(id), POSTHORN_TARGETS: JSON.stringify(sendsTo) }));
    if (bytes <= MAX_BYTES) continue;
    problems.push(
      `agent '${id}': its variables and the ids of the ${sendsTo.length} agents in sendsTo come to ${bytes} bytes; ` +
        `of the 4 KiB that Lambda takes, ${MAX_BYTES} are left to them`,
    );
  }
  if (problems.length > 0) throw new RefusedError(problems);
  return environments;
}
