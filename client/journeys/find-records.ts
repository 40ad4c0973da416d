import { correlationIdOf, JOURNEY_INDEX_NAME, journeyKeys, TRACE_INDEX_NAME } from '../../events/ledger-index.ts';
import { type LedgerRecord, messageKey } from '../../events/ledger-record.ts';
import { ledgerTableName, type MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import { records } from '../ledger.ts';
import { agentIds } from '../queues/agent-queues.ts';
import { indexedKeys, type LedgerIndex } from './indexed-keys.ts';

/** Where the journey's records are. */
export interface FoundIn {
  readonly index: LedgerIndex;
  readonly partitions: readonly string[];
  /** That of the record by which the journey was found: the index may not show it yet. */
  readonly key?: string;
}

/** The ids that the mesh gives to the messages of its agents: UUIDs of version 8. */
const AGENTS_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * The partitions of an index that hold a journey: by its correlation id, by the id of one of its messages, or by its trace id where the
 * mesh has that index.
 *
 * @param sources of messages with this id, beside the agents
 * @returns the record of the message where its journey is not indexed; `undefined` if nothing is on record under this id
 */
export async function findRecords(
  id: string,
  sources: readonly string[],
  aws: AwsClients,
  mesh: MeshName,
): Promise<FoundIn | LedgerRecord | undefined> {
  const byJourney = foundIn(mesh, id);
  if (await holdsAny(aws, byJourney)) return byJourney;
  const [record] = await records(aws.dynamodb, mesh, await candidateKeys(id, sources, aws, mesh));
  if (record !== undefined)
    return record.journey === undefined ? record : { ...foundIn(mesh, correlationIdOf(record.journey)), key: record.messageKey };
  if (!TRACE_ID.test(id)) return undefined;
  const index = { table: ledgerTableName(mesh), name: TRACE_INDEX_NAME, partition: 'traceId', sort: 'startedAt' };
  const byTrace = { index, partitions: [id] };
  try {
    return (await holdsAny(aws, byTrace)) ? byTrace : undefined;
  } catch (error) {
    // The mesh has no such index.
    if (error instanceof Error && error.name === 'ValidationException') return undefined;
    throw error;
  }
}

const foundIn = (mesh: MeshName, correlationId: string): FoundIn => ({
  index: { table: ledgerTableName(mesh), name: JOURNEY_INDEX_NAME, partition: 'journey', sort: 'startedAt' },
  partitions: journeyKeys(correlationId),
});

async function holdsAny({ dynamodb }: AwsClients, { index, partitions }: FoundIn): Promise<boolean> {
  for await (const _key of indexedKeys(dynamodb, index, partitions)) return true;
  return false;
}

/** A message's id alone is no key of the ledger. */
async function candidateKeys(id: string, sources: readonly string[], aws: AwsClients, mesh: MeshName): Promise<readonly string[]> {
  const agents = await agentIds(aws, mesh);
  const senders = AGENTS_ID.test(id) ? agents.map((agent) => `/agents/${agent}`) : [];
  return agents.flatMap((agent) => [...sources, ...senders].map((source) => messageKey(agent, source, id)));
}
