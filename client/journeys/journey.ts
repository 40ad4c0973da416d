import type { LedgerRecord, OutgoingMessage } from '../../events/ledger-record.ts';
import type { MeshName } from '../../events/names.ts';
import type { AwsClients } from '../aws-clients.ts';
import type { ContentBucket } from '../content-bucket.ts';
import { records } from '../ledger.ts';
import { type FoundIn, findRecords } from './find-records.ts';
import type { Hop } from './hop.ts';
import { expectedKeys, hopsOf, isLarge, missingHopsOf, type ReadRecord } from './hops-of.ts';
import { indexedKeys } from './indexed-keys.ts';
import { LeftRecords } from './left-records.ts';
import { outboxMessage, storedOutboxSchema } from './outbox-message.ts';
import { UnreadRecords } from './unread-records.ts';

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

/**
 * The hops of a journey by one of its ids, oldest first; those that its index does not show come last. It reads as it is iterated, and
 * holds some hundred records in memory, and the key of each hop.
 */
export async function* journey(
  id: string,
  { source }: JourneyOptions,
  { aws, mesh, content, now = Date.now }: JourneySource,
): AsyncGenerator<Hop, void, undefined> {
  const found = await findRecords(id, source === undefined ? OWN_SOURCES : [source], aws, mesh);
  if (found === undefined) return;
  const isIndexed = 'index' in found;
  const left = new LeftRecords(isIndexed ? found : undefined, aws, mesh);
  const unread = new UnreadRecords();
  const large: string[] = [];
  const leftOf = async (read: readonly ReadRecord[]) => {
    const known = await left.of(read);
    for (const key of expectedKeys(read)) if (known.recorded.has(key)) unread.named(key);
    return known;
  };
  const hopsIn = async (some: readonly LedgerRecord[]) => {
    const read = await Promise.all(some.filter(({ messageKey }) => unread.read(messageKey)).map((record) => readOutbox(record, content)));
    for (const each of read) if (isLarge(each)) large.push(each.record.messageKey);
    return hopsOf(read, await leftOf(read.filter((each) => !isLarge(each))), now());
  };
  const missingInLarge = async function* () {
    for (let key = large.shift(); key !== undefined; key = large.shift()) {
      for (const record of await records(aws.dynamodb, mesh, [key])) {
        const { outbox } = await readOutbox(record, content);
        for (let start = 0; start < outbox.length; start += RECORDS) {
          const part = { record, outbox: outbox.slice(start, start + RECORDS) };
          yield* missingHopsOf(part, await leftOf([part]), now());
        }
      }
    }
  };
  const takeLate = () => (isIndexed ? unread.take(RECORDS) : []);

  if (isIndexed && found.key !== undefined) unread.named(found.key);
  for await (const some of isIndexed ? pagesOf(found, aws, mesh) : [[found]]) yield* await hopsIn(some);
  // Looked up here, the many messages of one outbox do not delay the first screen.
  yield* missingInLarge();
  for (let late = takeLate(); late.length > 0; late = takeLate()) {
    yield* await hopsIn(await records(aws.dynamodb, mesh, late));
    yield* missingInLarge();
  }
}

/** The records of a journey in the order of its index. */
async function* pagesOf({ index, partitions }: FoundIn, aws: AwsClients, mesh: MeshName): AsyncGenerator<readonly LedgerRecord[]> {
  let keys: string[] = [];
  let limit = FIRST_RECORDS;
  for await (const { messageKey } of indexedKeys(aws.dynamodb, index, partitions)) {
    keys.push(messageKey);
    if (keys.length < limit) continue;
    yield inOrder(await records(aws.dynamodb, mesh, keys), keys);
    keys = [];
    limit = RECORDS;
  }
  yield inOrder(await records(aws.dynamodb, mesh, keys), keys);
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
