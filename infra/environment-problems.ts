import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import type { Settings } from './config.ts';

/**
 * One sentence for each value in the setting `agentEnvironment` whose agent does not exist, or whose variable the agent's definition
 * does not declare.
 */
export function environmentProblems(definitions: readonly AgentDefinition[], overrides: Settings['agentEnvironment']): readonly string[] {
  const byId = new Map(definitions.map((definition) => [definition.id, definition]));
  return Object.entries(overrides).flatMap(([id, variables]) => {
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
}
