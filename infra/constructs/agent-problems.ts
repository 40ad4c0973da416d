import { functionName, type MeshName } from '../../events/names.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';

/** Lambda's limit. The names of queues may have 80 characters and are at most 7 longer, so they fit where the function's does. */
const MAX_FUNCTION_NAME_CHARACTERS = 64;

/** Of the 4 KiB that Lambda takes, as JSON: what the mesh's own variables may come to, with the longest names there are. */
const MESH_BYTES = 1_152;
const MAX_BYTES = 4_096 - MESH_BYTES;

/**
 * One sentence for each limit of AWS that the agent exceeds, so that synth refuses it and not the deployment.
 *
 * @param environment the agent's own variables, as its function gets them
 */
export function agentProblems(
  mesh: MeshName,
  { id, sendsTo }: Pick<AgentDefinition, 'id' | 'sendsTo'>,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const problems: string[] = [];
  const name = functionName(mesh, id);
  const excess = name.length - MAX_FUNCTION_NAME_CHARACTERS;
  if (excess > 0) {
    problems.push(
      `agent '${id}': its function's name '${name}' has ${name.length} characters, and Lambda takes ${MAX_FUNCTION_NAME_CHARACTERS}; ` +
        `make prefix, stage and id ${excess} shorter together`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify({ ...environment, POSTHORN_TARGETS: JSON.stringify(sendsTo) }));
  if (bytes > MAX_BYTES) {
    problems.push(
      `agent '${id}': its variables and the ids of the ${sendsTo.length} agents in sendsTo come to ${bytes} bytes; ` +
        `of the 4 KiB that Lambda takes, ${MAX_BYTES} are left to them`,
    );
  }
  return problems;
}
