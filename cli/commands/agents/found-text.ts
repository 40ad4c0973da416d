import type { AgentMetrics, FoundAgent } from '../../../client/index.ts';
import { ejectedText, healthText, lastSeenText, latencyText, waitText } from './agent-facts.ts';
import { agentsTable } from './agents-table.ts';

const COLUMNS = {
  heads: ['AGENT', 'VERSION', 'HEALTH', 'WEIGHT', 'P95', 'WAIT', 'ERRORS', 'LAST SEEN'],
  numbersFrom: 3,
  notes: ['WHY'],
};

type Seen = Pick<AgentMetrics, 'expectedWaitSeconds' | 'isPaused' | 'at'>;

/** An agent that was found, and what its latest snapshot says; nothing before the first. */
export type SeenAgent = FoundAgent & { readonly [Key in keyof Seen]: Seen[Key] | undefined };

/** Adds what the latest snapshots say of agents that were found. */
export function seenAgents(found: readonly FoundAgent[], metrics: readonly (Seen & { readonly agent: string })[]): readonly SeenAgent[] {
  const latest = new Map(metrics.map((each) => [each.agent, each]));
  return found.map((agent) => {
    const { expectedWaitSeconds, isPaused, at } = latest.get(agent.agent) ?? {};
    return { ...agent, expectedWaitSeconds, isPaused, at };
  });
}

/** Agents of a capability, as a table. @param surroundings as of {@link listText} */
export const foundText = (
  found: readonly SeenAgent[],
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number | undefined },
): string =>
  agentsTable(
    found.map((agent) => ({
      cells: [
        ...[agent.agent, agent.version, healthText(agent), String(agent.weight), latencyText(agent.p95Ms)],
        ...[waitText(agent.expectedWaitSeconds), percent(agent.errorShare), lastSeenText(agent.at, nowMs)],
      ],
      notes: [ejectedText(agent)],
    })),
    COLUMNS,
    columns,
  );

const percent = (share: number | undefined): string => (share === undefined ? '-' : `${Math.round(share * 100)}%`);
