import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { digestOfData } from '../../events/digest-of-data.ts';
import { JOURNEY_INDEX_NAME, journeyKey } from '../../events/ledger-index.ts';
import { messageKey } from '../../events/ledger-record.ts';

export interface LongJourneyOptions {
  readonly hops: number;
  /** `chain`: each hop sends the next. `fan-out`: the first sends all others. */
  readonly shape: 'chain' | 'fan-out';
  /** Hops that also send a message of which there is no record. @default none */
  readonly losing?: readonly number[];
  /** Hops whose message was refused by its target: its record has another key. @default none */
  readonly refused?: readonly number[];
  /** Hops that the index shows. @default all */
  readonly indexed?: number;
}

const STARTED_AT = Date.UTC(2026, 10, 26);
const SOURCE = '/agents/relay';

const attributeSchema = z.object({ S: z.optional(z.string()), N: z.optional(z.string()) });
const itemSchema = z.record(z.string(), attributeSchema);
const querySchema = z.object({
  IndexName: z.string(),
  ExpressionAttributeValues: itemSchema,
  Limit: z.optional(z.number()),
  FilterExpression: z.optional(z.string()),
  ExclusiveStartKey: z.optional(itemSchema),
});
const batchGetSchema = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(itemSchema), ProjectionExpression: z.optional(z.string()) })),
});

/** What DynamoDB reads of an index of keys for one answer: 1 MB. */
const MAX_KEYS_LOOKED_AT = 6_000;

/** Is DynamoDB for a client that reads one journey. Each record is made when it is asked for. */
export class LongJourney {
  readonly id = 'order-4711';
  /** By operation. */
  readonly requests = { Query: 0, BatchGetItem: 0 };
  /** Whole records in answers. */
  records = 0;
  readonly #options: LongJourneyOptions;
  /** The index: hops by the key of the journey's shard. */
  readonly #shards: ReadonlyMap<string, readonly number[]>;
  #gate: { readonly after: number; readonly opened: Promise<void> } | undefined;

  constructor(options: LongJourneyOptions) {
    this.#options = options;
    const { hops, indexed = hops } = options;
    this.#shards = Map.groupBy(Array.from({ length: indexed }).keys(), (nth) => journeyKey(this.id, this.keyOf(nth)));
  }

  get requestCount(): number {
    return this.requests.Query + this.requests.BatchGetItem;
  }

  keyOf(nth: number): string {
    return this.#options.refused?.includes(nth) ? `refused:relay sqs-${nth}` : messageKey('relay', SOURCE, `hop-${nth}`);
  }

  /** Answers no more than so many requests before it is opened. */
  holdAfter(requests: number): { open(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = { after: requests, opened: promise };
    return { open: resolve };
  }

  readonly answer: RequestListener = (request, response) => {
    this.#respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1);
    const input = await json(request);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (operation === 'ListQueues') return void response.end('{"QueueUrls":["http://127.0.0.1/000000000000/posthorn-dev-relay-inbox"]}');
    // A queue that is asked for is not there.
    if (operation !== 'Query' && operation !== 'BatchGetItem')
      return void response.writeHead(400).end('{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}');
    if (this.#gate !== undefined && this.requestCount >= this.#gate.after) await this.#gate.opened;
    this.requests[operation]++;
    response.end(JSON.stringify(operation === 'Query' ? this.#query(querySchema.parse(input)) : this.#get(batchGetSchema.parse(input))));
  }

  #query({ IndexName, ExpressionAttributeValues, Limit, FilterExpression, ExclusiveStartKey }: z.output<typeof querySchema>) {
    if (IndexName !== JOURNEY_INDEX_NAME) throw new Error(`there is no index '${IndexName}'`);
    const shard = this.#shards.get(ExpressionAttributeValues[':p']?.S ?? '') ?? [];
    const from = ExclusiveStartKey === undefined ? 0 : shard.indexOf(this.#nthOf(ExclusiveStartKey.messageKey?.S)) + 1;
    const looked = shard.slice(from, from + Math.min(Limit ?? Infinity, MAX_KEYS_LOOKED_AT));
    const items = looked.map((nth) => ({ messageKey: { S: this.keyOf(nth) }, startedAt: { N: String(STARTED_AT + nth * 10) } }));
    const prefix = FilterExpression === undefined ? '' : (ExpressionAttributeValues[':x']?.S ?? '');
    return {
      Items: items.filter(({ messageKey: key }) => key.S.startsWith(prefix)),
      ...(from + looked.length < shard.length && { LastEvaluatedKey: items.at(-1) }),
    };
  }

  #get({ RequestItems }: z.output<typeof batchGetSchema>) {
    const [table = '', { Keys, ProjectionExpression } = { Keys: [], ProjectionExpression: undefined }] =
      Object.entries(RequestItems)[0] ?? [];
    const found = Keys.flatMap(({ messageKey: key }) => {
      const nth = this.#nthOf(key?.S);
      return nth < this.#options.hops && this.keyOf(nth) === key?.S ? [nth] : [];
    });
    if (ProjectionExpression !== undefined) return { Responses: { [table]: found.map((nth) => ({ messageKey: { S: this.keyOf(nth) } })) } };
    this.records += found.length;
    // DynamoDB answers in any order.
    return { Responses: { [table]: found.toReversed().map((nth) => this.#record(nth)) } };
  }

  #nthOf(key = ''): number {
    return Number(/\d+$/.exec(key)?.[0] ?? Number.NaN);
  }

  #record(nth: number) {
    const startedAt = STARTED_AT + nth * 10;
    const isRefused = this.#options.refused?.includes(nth) ?? false;
    return marshall({
      ...{
        messageKey: this.keyOf(nth),
        revision: 'r',
        agent: 'relay',
        generation: 0,
        digest: digestOfData({ type: 'hop', data: nth }),
        sender: 's',
        startedAt,
      },
      ...{ sentAt: startedAt - 5, receivedAt: startedAt, attempts: [], endedAt: startedAt + 8, expiresAt: 2 ** 32 },
      journey: journeyKey(this.id, this.keyOf(nth)),
      ...(isRefused
        ? { outcome: 'rejected', error: { code: 'Forbidden', reason: 'it may not', kind: 'permanent' } }
        : { outcome: 'processed', handledAt: startedAt + 1, outbox: this.#outboxOf(nth) }),
    });
  }

  #outboxOf(nth: number) {
    const { hops, shape, losing = [] } = this.#options;
    const sent =
      shape === 'chain'
        ? [nth + 1].filter((next) => next < hops)
        : nth === 0
          ? Array.from({ length: hops - 1 }, (_, index) => index + 1)
          : [];
    const message = (id: string, data: unknown) => ({
      to: 'relay',
      body: JSON.stringify({ specversion: '1.0', id, source: SOURCE, type: 'hop', data }),
    });
    return [...sent.map((next) => message(`hop-${next}`, next)), ...(losing.includes(nth) ? [message(`lost-${hops + nth}`, 'lost')] : [])];
  }
}
