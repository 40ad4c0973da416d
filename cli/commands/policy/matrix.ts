import { MeshClient } from '../../../client/index.ts';
import type { AccessRecord } from '../../../events/access-record.ts';
import { plainTable } from '../../plain-table.ts';
import { printJson } from '../../print-json.ts';
import { printable } from '../../printable.ts';
import type { Settings } from '../../settings.ts';

/** Who may do what at which agent. */
export interface MatrixRow {
  readonly agent: string;
  readonly sender: string;
  readonly action: string;
  readonly rule: string;
}

/** Prints everything that is allowed in a mesh. */
export async function matrix(settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const rows = matrixRows(await mesh.accessRecords());
    if (settings.json) for (const row of rows) printJson(row);
    else if (rows.length === 0) console.log('Nothing is allowed: no agent is registered, or no rule allows anything.');
    else {
      const cells = rows.map(({ agent, sender, action, rule }) => [agent, sender, action, rule].map(printable));
      console.log(plainTable(cells, 2, { head: ['agent', 'sender', 'action', 'rule'] }));
    }
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

/** One row for each agent, sender and action that a rule allows. */
export const matrixRows = (records: readonly AccessRecord[]): readonly MatrixRow[] =>
  records.flatMap(({ agent, principals, tokenHolders }) =>
    [...new Map([...Object.values(principals), ...tokenHolders].map((principal) => [principal.name, principal])).values()].flatMap(
      ({ name: sender, grants }) => Object.entries(grants).map(([action, rule]) => ({ agent, sender, action, rule })),
    ),
  );
