import { metricsTableName } from '../../events/metrics-record.ts';
import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { AccessDeniedError, MissingTableError, NoMappingError } from '../errors.ts';
import type { AgentMapping } from '../mapping/agent-mappings.ts';
import { isPausing } from '../mapping/mapping-state.ts';
import { snapshotsOf } from '../metrics/snapshots-of.ts';
import { inTable } from '../missing-table.ts';
import type { QueueDepth } from '../queues/queue-depth.ts';
import type { InboxState } from './inbox-state.ts';
import { type InboxWait, inboxWait } from './inbox-wait.ts';

/** What an inbox is read from. */
export interface InboxSource {
  readonly aws: AwsClients;
  readonly mesh: MeshName;
  readonly depth: () => Promise<QueueDepth>;
  readonly mapping: () => Promise<AgentMapping>;
}

const NOTHING_WAITS: InboxWait = {};

/** The inbox of an agent. It asks for snapshots only where messages wait. */
export async function readInbox(agent: string, { aws, mesh, depth, mapping }: InboxSource): Promise<InboxState> {
  // First, because it says best what is wrong with an inbox.
  const found = await depth();
  const [isPaused, wait] = await Promise.all([pausedBy(mapping), found.visible > 0 ? waitIn(agent, aws, mesh) : NOTHING_WAITS]);
  // The mapping knows it at once, a snapshot after a minute.
  return { agent, ...found, ...wait, isPaused: isPaused ?? wait.isPaused };
}

/** @returns `undefined` where the agent has no mapping, or this client may not see it */
async function pausedBy(mapping: InboxSource['mapping']): Promise<boolean | undefined> {
  try {
    return isPausing((await mapping()).state);
  } catch (error) {
    if (error instanceof AccessDeniedError || error instanceof NoMappingError) return undefined;
    throw error;
  }
}

async function waitIn(agent: string, aws: AwsClients, mesh: MeshName): Promise<InboxWait> {
  const table = metricsTableName(mesh);
  try {
    return await inTable(aws, table, inboxWait(snapshotsOf(aws.dynamodb, mesh, agent), Date.now()));
  } catch (error) {
    if (error instanceof MissingTableError) return { snapshotsProblem: error.message };
    if (error instanceof Error && error.name === 'AccessDeniedException')
      return { snapshotsProblem: `AWS denies dynamodb:Query on the table '${table}'` };
    throw error;
  }
}
