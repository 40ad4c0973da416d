import { type AgentSummary, MeshClient } from '../../../client/index.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { ejectedText, healthText, lastSeenText, latencyText, waitText } from './agent-facts.ts';
import { type AgentRow, agentsTable } from './agents-table.ts';

const COLUMNS = {
  heads: ['AGENT', 'VERSION', 'HEALTH', 'P95', 'WAIT', 'LAST SEEN'],
  numbersFrom: 3,
  notes: ['CAPABILITIES', 'WHY'],
};

/** Prints all agents of a mesh. */
export async function ls(settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const agents = await mesh.listAgents();
    if (settings.json) for (const agent of agents) printJson(agent);
    else console.log(listText(agents, { nowMs: Date.now(), columns: process.stdout.columns || undefined }));
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

/** All agents, as a table. @param surroundings epoch milliseconds; the width of the terminal, `undefined` where the output is none */
export const listText = (
  agents: readonly AgentSummary[],
  { nowMs, columns }: { readonly nowMs: number; readonly columns: number | undefined },
): string =>
  agentsTable(
    agents.map((agent) => rowOf(agent, nowMs)),
    COLUMNS,
    columns,
  );

function rowOf(agent: AgentSummary, nowMs: number): AgentRow {
  const { version, p95Ms, expectedWaitSeconds, at, capabilities } = agent;
  const offered = capabilities.map(({ id, weight }) => (weight === undefined ? id : `${id} (weight ${weight})`));
  return {
    cells: [agent.agent, version, healthText(agent), latencyText(p95Ms), waitText(expectedWaitSeconds), lastSeenText(at, nowMs)],
    notes: [offered.join(', '), ejectedText(agent)],
  };
}
