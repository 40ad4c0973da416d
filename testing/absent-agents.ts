import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { doubleId } from '../functions/runtime/aws/double-id.ts';

/** An agent that others send to and that is not among them: it has an inbox, and does not run. */
export interface AbsentAgent {
  readonly id: string;
  /** What others call it for; `undefined` where they only name it. */
  readonly capability: string | undefined;
}

/** Those in `sendsTo` that are not among the agents, and one for each capability that they call and none of them offers. */
export function absentAgents(agents: readonly AgentDefinition[]): readonly AbsentAgent[] {
  const ids = new Set(agents.map(({ id }) => id));
  const offered = new Set(agents.flatMap(({ capabilities = [] }) => capabilities.map(({ id }) => id)));
  const named = new Set(agents.flatMap(({ sendsTo = [] }) => sendsTo)).difference(ids);
  const absent = new Map<string, AbsentAgent>([...named].map((id) => [id, { id, capability: undefined }]));
  for (const capability of new Set(agents.flatMap(({ calls = [] }) => calls)).difference(offered)) {
    const id = doubleId(capability, (taken) => ids.has(taken) || absent.get(taken)?.capability !== undefined);
    absent.set(id, { id, capability });
  }
  return [...absent.values()];
}
