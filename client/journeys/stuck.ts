import { OPEN_INDEX_NAME, openKeys } from '../../events/ledger-index.ts';
import type { LedgerRecord } from '../../events/ledger-record.ts';
import { ledgerTableName, type MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { records } from '../ledger.ts';
import { type Hop, hopOf } from './hop.ts';
import { indexedKeys } from './indexed-keys.ts';

/** Which messages {@link MeshClient.stuck} returns. */
export interface StuckOptions {
  /** Those whose record has not changed for so long, in milliseconds. @default 300_000, five minutes */
  readonly olderThanMs?: number | undefined;
  /** Only this agent's. @default all agents of the mesh */
  readonly agent?: string | undefined;
}

/** A message that was received, has no outcome, and does not move. */
export interface StuckMessage {
  /** Its `state` says why it does not move. */
  readonly hop: Hop;
  /** Epoch milliseconds of the last change of its record. */
  readonly since: number;
}

const FIVE_MINUTES_MS = 300_000;
const RECORDS = 50;

/** The messages of some agents that do not move, those first that have not moved for longest. */
export async function* stuckMessages(
  agents: readonly string[],
  { olderThanMs = FIVE_MINUTES_MS }: StuckOptions,
  { dynamodb }: AwsClients,
  mesh: MeshName,
  nowMs: number,
): AsyncGenerator<StuckMessage, void, undefined> {
  const index = { table: ledgerTableName(mesh), name: OPEN_INDEX_NAME, partition: 'open', sort: 'since' };
  const before = nowMs - olderThanMs;
  const read = async (keys: readonly string[]) => stuckIn(await records(dynamodb, mesh, keys), before, nowMs);
  let keys: string[] = [];
  for await (const { messageKey } of indexedKeys(dynamodb, index, agents.flatMap(openKeys), { before })) {
    keys.push(messageKey);
    if (keys.length < RECORDS) continue;
    yield* await read(keys);
    keys = [];
  }
  yield* await read(keys);
}

/** An older version of the runtime leaves a record in the index when it changes it: the record itself decides. */
export const stuckIn = (found: readonly LedgerRecord[], before: number, nowMs: number): readonly StuckMessage[] =>
  found
    .filter(({ outcome }) => outcome === undefined)
    .map((record) => ({ hop: hopOf(record, [], nowMs), since: lastChange(record) }))
    .filter(({ since }) => since < before)
    .sort((one, other) => one.since - other.since);

const lastChange = ({ since, startedAt, attempts }: LedgerRecord): number => Math.max(since ?? startedAt, attempts.at(-1)?.at ?? 0);
