import { type DynamoDBClient, DynamoDBServiceException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { LAST_WRITE_ATTRIBUTE, type MetricsEntry, metricsShards, shardSeries } from '../../../events/metrics-record.ts';
import { NAMES_ATTRIBUTE } from '../../../events/own-metrics-record.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import { MetricsRefusedError } from '../metrics/metrics-recorder.ts';
import type { Clock, Entropy, MetricsTable } from '../ports.ts';
import { type Addition, additionOf } from './addition.ts';
import type { OwnItem } from './own-item.ts';

/** The metrics record of an agent in a DynamoDB table. A process adds to one shard of it. */
export class DynamoDbMetrics implements MetricsTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #series: string;
  readonly #clock: Pick<Clock, 'now'>;
  #ownItem: Promise<OwnItem> | undefined;

  /** @param client must not repeat requests */
  constructor(
    client: DynamoDBClient,
    tableName: string,
    { id, concurrency }: Pick<AgentDefinition, 'id' | 'concurrency'>,
    { clock, entropy }: { readonly clock: Pick<Clock, 'now'>; readonly entropy: Pick<Entropy, 'fraction'> },
  ) {
    this.#client = client;
    this.#tableName = tableName;
    this.#series = shardSeries(id, Math.floor(entropy.fraction() * metricsShards(concurrency)));
    this.#clock = clock;
  }

  async add(entry: MetricsEntry, increments: ReadonlyMap<string, number>): Promise<readonly string[]> {
    if (entry === 'own') {
      // Most agents have no metrics of their own.
      this.#ownItem ??= import('./own-item.ts').then(({ OwnItem: Item }) => new Item((addition) => this.#update('own', addition)));
      return (await this.#ownItem).add(increments);
    }
    await this.#update(entry, additionOf(increments));
    return [];
  }

  /** @returns the names that the item has, if they were asked for */
  async #update(entry: MetricsEntry, { additions, values, names, condition, returned }: Addition): Promise<readonly string[]> {
    try {
      const { Attributes } = await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: { series: { S: this.#series }, entry: { S: entry } },
          UpdateExpression: `SET ${LAST_WRITE_ATTRIBUTE} = :last${additions === '' ? '' : ` ADD ${additions}`}`,
          ...(names && { ExpressionAttributeNames: names }),
          ...(condition && { ConditionExpression: condition }),
          ...(returned && { ReturnValues: returned }),
          ExpressionAttributeValues: { ...values, ':last': { N: String(this.#clock.now()) } },
        }),
      );
      return Attributes?.[NAMES_ATTRIBUTE]?.SS ?? [];
    } catch (cause) {
      // DynamoDB has answered, and not with an error of its own: it has written nothing. What is not valid never will be.
      if (!(cause instanceof DynamoDBServiceException) || cause.$fault !== 'client' || cause.name === 'ValidationException') throw cause;
      throw new MetricsRefusedError(`${cause.name}: ${cause.message}`, { cause });
    }
  }
}
