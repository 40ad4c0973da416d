import { closestMatch } from 'leven';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

/** The largest edit distance of a suggestion. A larger one would suggest unrelated agents. */
const MAX_EDITS = 2;

/** A target of an agent that its app does not have. Another repository may deploy it, or it may be a typing error. */
export interface ForeignAgent {
  readonly id: string;
  /** An agent of the app with a similar id. */
  readonly suggestion: string | undefined;
}

/** The foreign agents in a definition's `sendsTo`, in its order. @param ids the app's agents */
export function foreignAgents({ sendsTo }: Pick<AgentDefinition, 'sendsTo'>, ids: readonly string[]): readonly ForeignAgent[] {
  return sendsTo.filter((id) => !ids.includes(id)).map((id) => ({ id, suggestion: closestMatch(id, ids, { maxDistance: MAX_EDITS }) }));
}
