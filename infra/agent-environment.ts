import type { AgentDefinition } from '../functions/runtime/agent.ts';
import type { Settings } from './config.ts';
import { RefusedError } from './refused-error.ts';

/**
 * The agents' own variables in this stage, by agent id: as defined, with the stage's overrides.
 *
 * @throws RefusedError that names each override of an agent that does not exist, or of a variable that its definition does not declare
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
  if (problems.length > 0) throw new RefusedError(problems);
  return new Map(definitions.map(({ id, environment }) => [id, { ...environment, ...overrides[id] }]));
}
