import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { AwsClients } from '../../client/aws-clients.ts';
import { ContentBucket } from '../../client/content-bucket.ts';
import type { Hop } from '../../client/journeys/hop.ts';
import { journey } from '../../client/journeys/journey.ts';
import { correlationIdOf, JOURNEY_INDEX_NAME } from '../../events/ledger-index.ts';
import { type LedgerRecord, ledgerRecordSchema } from '../../events/ledger-record.ts';
import { type MeshName, meshName } from '../../events/names.ts';
import type { Entry, History } from './history.ts';

/** The history has what the runtime wrote, before it is stored: what the table keeps in another form is of no interest here. */
const writtenRecord = z.omit(ledgerRecordSchema, { access: true, result: true });

/** Small, so that a journey has pages. */
const MAX_PAGE = 7;

type Item = Record<string, AttributeValue>;

/** The mesh at a moment of a history: the last record of each key, and the content, as the client reads them from AWS. */
export class Moment {
  readonly entries: readonly Entry[];
  readonly nowMs: number;
  /** By key. */
  readonly table: ReadonlyMap<string, LedgerRecord>;
  /** The ids of the journeys that have a record. */
  readonly journeys: readonly string[];
  readonly #aws: MomentClients;
  readonly #content: MomentContent;
  readonly #mesh = meshName();

  /**
   * @param share of the history's entries that have happened
   * @param indexed of those, the share that the index of journeys shows: DynamoDB writes it later than the table
   */
  constructor({ entries: all }: History, share: number, indexed = 1) {
    this.entries = all.slice(0, Math.max(1, Math.ceil(all.length * share)));
    this.nowMs = this.entries.at(-1)?.at ?? 0;
    const table = new Map<string, LedgerRecord>();
    const objects = new Map<string, Uint8Array>();
    const index = new Set<string>();
    for (const [nth, entry] of this.entries.entries()) {
      if (entry.what === 'written' && nth < indexed * this.entries.length) index.add(entry.key);
      if (entry.what === 'written') table.set(entry.key, writtenRecord.parse(entry.record));
      if (entry.what === 'stored') objects.set(entry.key, entry.bytes);
    }
    this.table = table;
    this.journeys = [
      ...new Set([...table.values()].flatMap((record) => (record.journey === undefined ? [] : correlationIdOf(record.journey)))),
    ];
    this.#aws = new MomentClients(table, index);
    this.#content = new MomentContent(this.#mesh, this.#aws, objects);
  }

  /** The hops of a journey, as the client finds them. */
  async hopsOf(id: string): Promise<readonly Hop[]> {
    return Array.fromAsync(journey(id, {}, { aws: this.#aws, mesh: this.#mesh, content: this.#content, now: () => this.nowMs }));
  }

  /** What a record has in its outbox, or in the object that is its outbox. */
  outboxOf({ outbox = [], outboxRef }: LedgerRecord): Promise<readonly { readonly to?: string; readonly body: string }[]> {
    return this.#content.outbox(outbox, outboxRef?.uri);
  }
}

/** DynamoDB with the ledger of a moment, and nothing else of AWS. */
class MomentClients extends AwsClients {
  readonly #dynamodb = new DynamoDBClient({ region: 'us-east-1' });
  readonly #items: ReadonlyMap<string, Item>;
  /** The index of journeys, in its order. */
  readonly #shards: ReadonlyMap<string, readonly LedgerRecord[]>;

  constructor(table: ReadonlyMap<string, LedgerRecord>, index: ReadonlySet<string>) {
    super({});
    this.#items = new Map([...table].map(([key, record]) => [key, marshall(record, { removeUndefinedValues: true })]));
    const sorted = [...table.values()]
      .filter(({ messageKey }) => index.has(messageKey))
      .sort((one, other) => one.startedAt - other.startedAt);
    this.#shards = Map.groupBy(sorted, ({ journey: shard = '' }) => shard);
    this.#dynamodb.middlewareStack.add(
      () =>
        async ({ input }) => ({
          response: undefined,
          output: { $metadata: {}, ...('RequestItems' in input ? this.#get(input) : this.#query(input)) },
        }),
      { step: 'initialize' },
    );
  }

  override get dynamodb(): DynamoDBClient {
    return this.#dynamodb;
  }

  #query(input: object) {
    const { IndexName, ExpressionAttributeValues, Limit, ExclusiveStartKey } = querySchema.parse(input);
    if (IndexName !== JOURNEY_INDEX_NAME) throw new Error(`there is no index '${IndexName}'`);
    const shard = this.#shards.get(ExpressionAttributeValues[':p'].S) ?? [];
    const from =
      ExclusiveStartKey === undefined ? 0 : shard.findIndex(({ messageKey }) => messageKey === ExclusiveStartKey.messageKey.S) + 1;
    const looked = shard.slice(from, from + Math.min(Limit ?? MAX_PAGE, MAX_PAGE));
    const items = looked.map(({ messageKey, startedAt }) => ({ messageKey: { S: messageKey }, startedAt: { N: String(startedAt) } }));
    const prefix = ExpressionAttributeValues[':x']?.S ?? '';
    return {
      Items: items.filter(({ messageKey }) => messageKey.S.startsWith(prefix)),
      ...(from + looked.length < shard.length && { LastEvaluatedKey: items.at(-1) }),
    };
  }

  #get(input: object) {
    const [[table, { Keys }] = ['', { Keys: [] }]] = Object.entries(batchGetSchema.parse(input).RequestItems);
    return {
      Responses: {
        [table]: Keys.flatMap(({ messageKey }): readonly Item[] => {
          const item = this.#items.get(messageKey.S);
          return item === undefined ? [] : [item];
        }),
      },
    };
  }
}

const textSchema = z.object({ S: z.string() });
const keySchema = z.object({ messageKey: textSchema });
const querySchema = z.object({
  IndexName: z.string(),
  ExpressionAttributeValues: z.object({ ':p': textSchema, ':x': z.optional(textSchema) }),
  Limit: z.optional(z.number()),
  ExclusiveStartKey: z.optional(keySchema),
});
const batchGetSchema = z.object({ RequestItems: z.record(z.string(), z.object({ Keys: z.array(keySchema) })) });

/** The content of a moment. */
class MomentContent extends ContentBucket {
  readonly #objects: ReadonlyMap<string, Uint8Array>;

  constructor(mesh: MeshName, aws: AwsClients, objects: ReadonlyMap<string, Uint8Array>) {
    super(mesh, aws);
    this.#objects = objects;
  }

  override async get(reference: string): Promise<Uint8Array> {
    return this.#objects.get(reference.replace(/^s3:\/\/[^/]+\//, '')) ?? Promise.reject(new Error(`${reference} is gone`));
  }

  async outbox(inline: readonly z.output<typeof sentSchema>[], reference: string | undefined) {
    if (reference === undefined) return inline;
    return z.array(sentSchema).parse(JSON.parse(new TextDecoder().decode(await this.get(reference))));
  }
}

const sentSchema = z.object({ to: z.exactOptional(z.string()), body: z.string() });
