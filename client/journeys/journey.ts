import { type LedgerRecord, type OutgoingMessage, REFUSED_KEY_PREFIX } from '../../events/ledger-record.ts';
import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { ContentBucket } from '../content-bucket.ts';
import { recordedKeys, records } from '../ledger.ts';
import { type FoundIn, findRecords } from './find-records.ts';
import type { Hop } from './hop.ts';
import { expectedKeys, hasMissing, hopsOf, type Known, type ReadRecord, refusedMark } from './hops-of.ts';
import { indexedKeys } from './indexed-keys.ts';
import { outboxMessage, storedOutboxSchema } from './outbox-message.ts';

/** How {@link MeshClient.journey} finds a journey. */
export interface JourneyOptions {
  /** The `source` of the message with this id, where the id is neither a correlation id nor that of an agent's message. @default none */
  readonly source?: string | undefined;
}

/** What `posthorn send` and {@link MeshClient.send} give to events without a source. */
const OWN_SOURCES = ['/posthorn/cli', '/posthorn/client'];

/** The first records are few, so that the first screen is there at once. DynamoDB reads 100 at most. */
const FIRST_RECORDS = 20;
const RECORDS = 100;

/** What a journey is read from. */
export interface JourneySource {
  readonly aws: AwsClients;
  readonly mesh: MeshName;
  readonly content: ContentBucket;
  /** @default Date.now */
  readonly now?: () => number;
}

/** The hops of a journey by one of its ids, oldest first. It reads as it is iterated, and holds some hundred records in memory. */
export async function* journey(
  id: string,
  { source }: JourneyOptions,
  { aws, mesh, content, now = Date.now }: JourneySource,
): AsyncGenerator<Hop, void, undefined> {
  const found = await findRecords(id, source === undefined ? OWN_SOURCES : [source], aws, mesh);
  if (found === undefined) return;
  let refused: Known['refused'] | undefined;
  const read = async function* (some: readonly LedgerRecord[]): AsyncGenerator<Hop, void, undefined> {
    const withOutbox = await Promise.all(some.map((record) => readOutbox(record, content)));
    const recorded = await recordedKeys(aws.dynamodb, mesh, expectedKeys(withOutbox));
    if (hasMissing(withOutbox, recorded)) refused ??= await refusedIn(found, aws, mesh);
    yield* hopsOf(withOutbox, { recorded, refused: refused ?? new Set() }, now());
  };
  if ('messageKey' in found) {
    yield* read([found]);
    return;
  }
  const keys: string[] = [];
  let limit = FIRST_RECORDS;
  for await (const { messageKey } of indexedKeys(aws.dynamodb, found.index, found.partitions)) {
    keys.push(messageKey);
    if (keys.length < limit) continue;
    yield* read(inOrder(await records(aws.dynamodb, mesh, keys), keys));
    keys.length = 0;
    limit = RECORDS;
  }
  yield* read(inOrder(await records(aws.dynamodb, mesh, keys), keys));
}

/** The messages of a journey whose sender was refused, by {@link refusedMark}. */
async function refusedIn(found: FoundIn | LedgerRecord, { dynamodb }: AwsClients, mesh: MeshName): Promise<Known['refused']> {
  if ('messageKey' in found) return new Set();
  const prefix = REFUSED_KEY_PREFIX;
  const keys = await Array.fromAsync(indexedKeys(dynamodb, found.index, found.partitions, { prefix }), ({ messageKey }) => messageKey);
  return new Set((await records(dynamodb, mesh, keys)).map(({ agent, digest }) => refusedMark(agent, digest)));
}

/** DynamoDB returns records in any order. */
function inOrder(found: readonly LedgerRecord[], keys: readonly string[]): readonly LedgerRecord[] {
  const byKey = new Map(found.map((record) => [record.messageKey, record]));
  return keys.flatMap((key) => byKey.get(key) ?? []);
}

async function readOutbox(record: LedgerRecord, content: ContentBucket): Promise<ReadRecord> {
  if (record.outcome !== 'processed') return { record, outbox: [] };
  try {
    return { record, outbox: (await outgoing(record, content)).map(outboxMessage) };
  } catch (error) {
    return { record, outbox: [], outboxProblem: error instanceof Error ? error.message : String(error) };
  }
}

async function outgoing({ outbox = [], outboxRef }: LedgerRecord, content: ContentBucket): Promise<readonly OutgoingMessage[]> {
  if (outboxRef === undefined) return outbox;
  return storedOutboxSchema.parse(JSON.parse(new TextDecoder().decode(await content.get(outboxRef.uri))));
}
