import { closestMatch } from 'leven';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';

/** A capability that an agent calls and no agent of its app offers. Another repository may have one, or it may be a typing error. */
export interface ForeignCapability {
  readonly id: string;
  /** A capability with a similar id that an agent of the app offers. */
  readonly suggestion: string | undefined;
}

/** The capabilities that the agents of an app offer, each once. */
export const offeredBy = (agents: readonly Pick<AgentDefinition, 'capabilities'>[]): readonly string[] => [
  ...new Set(agents.flatMap(({ capabilities }) => capabilities.map(({ id }) => id))),
];

/** The foreign capabilities in a definition's `calls`, in its order. @param offered by the app's agents */
export const foreignCapabilities = ({ calls }: Pick<AgentDefinition, 'calls'>, offered: readonly string[]): readonly ForeignCapability[] =>
  calls.filter((id) => !offered.includes(id)).map((id) => ({ id, suggestion: closestMatch(id, offered, { maxDistance: maxEdits(id) }) }));

/** The largest edit distance of a suggestion. A larger one would suggest unrelated capabilities. */
const maxEdits = (id: string): number => Math.max(2, Math.floor(id.length / 4));
