import { closestMatch } from 'leven';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

/** More edits than a slip of the keyboard makes would suggest agents that were not meant. */
const MAX_EDITS = 2;

/** An agent that another agent sends to and that its app does not have: another repository may have it, or nobody. */
export interface ForeignAgent {
  readonly id: string;
  /** What may be meant instead, an agent of the app. */
  readonly suggestion: string | undefined;
}

/** The foreign agents that a definition sends to, in its order. @param ids of the app's agents */
export function foreignAgents({ sendsTo }: Pick<AgentDefinition, 'sendsTo'>, ids: readonly string[]): readonly ForeignAgent[] {
  return sendsTo.filter((id) => !ids.includes(id)).map((id) => ({ id, suggestion: closestMatch(id, ids, { maxDistance: MAX_EDITS }) }));
}
