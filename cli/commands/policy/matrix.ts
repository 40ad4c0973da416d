import { type AccessRecord, REPLY_ACTION, REPLY_RULE, receivesReplies } from '../../../events/access-record.ts';
import { plainTable } from '../../plain-table.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { sendersOf } from './answer.ts';
import { readRegistry } from './read-registry.ts';

/** Who may do what at which agent. */
export interface MatrixRow {
  readonly agent: string;
  /** `agent:*` for every agent of the mesh. */
  readonly sender: string;
  /** `*` for all. */
  readonly action: string;
  readonly rule: string;
}

/** Prints everything that is allowed in a mesh. */
export async function matrix(settings: Settings): Promise<void> {
  const rows = matrixRows(await readRegistry(settings, (mesh) => mesh.accessRecords()));
  if (settings.json) for (const row of rows) printJson(row);
  else console.log(rows.length === 0 ? 'Nothing is allowed: no agent is registered, or no rule allows anything.' : matrixText(rows));
}

/** One row for each agent, sender and action that a rule allows. */
export const matrixRows = (records: readonly AccessRecord[]): readonly MatrixRow[] =>
  records.flatMap((record) => [
    ...(receivesReplies(record) ? [{ agent: record.agent, sender: 'agent:*', action: REPLY_ACTION, rule: REPLY_RULE }] : []),
    ...sendersOf(record).flatMap(({ name: sender, grants }) =>
      Object.entries(grants)
        .map(([action, rule]) => ({ agent: record.agent, sender, action, rule }))
        .sort((one, other) => (one.action < other.action ? -1 : 1)),
    ),
  ]);

/** Actions by the same rule share a line. */
export function matrixText(rows: readonly MatrixRow[]): string {
  const lines = Map.groupBy(rows, ({ agent, sender, rule }) => JSON.stringify([agent, sender, rule]));
  const cells = [...lines.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const actions = [first, ...rest].map(({ action }) => action).join(', ');
    return [[first.agent, first.sender, actions, first.rule].map(printableLine)];
  });
  return plainTable(cells, 3, { head: ['AGENT', 'SENDER', 'ACTIONS', 'RULE'] });
}
