import { type DynamoDBClient, DynamoDBServiceException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { LAST_WRITE_ATTRIBUTE, type MetricsEntry, metricsShards, shardSeries } from '../../../events/metrics-record.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import { MetricsRefusedError } from '../metrics/metrics-recorder.ts';
import type { Clock, Entropy, MetricsTable } from '../ports.ts';

/** The metrics record of an agent in a DynamoDB table. A process adds to one shard of it. */
export class DynamoDbMetrics implements MetricsTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #series: string;
  readonly #clock: Pick<Clock, 'now'>;

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

  async add(entry: MetricsEntry, increments: ReadonlyMap<string, number>): Promise<void> {
    const values: Record<string, { N: string }> = { ':last': { N: String(this.#clock.now()) } };
    const placeholders = new Map<number, string>();
    const names: Record<string, string> = {};
    let additions = '';
    for (const [attribute, increment] of increments) {
      // Most increments are the same: each value that is named once costs 2 KB of memory.
      let value = placeholders.get(increment);
      if (value === undefined) {
        value = `:${placeholders.size}`;
        placeholders.set(increment, value);
        values[value] = { N: String(increment) };
      }
      let name = attribute;
      if (entry === 'own') {
        name = `#${additions.length}`;
        names[name] = attribute;
      }
      additions += `${additions === '' ? '' : ', '}${name} ${value}`;
    }
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: { series: { S: this.#series }, entry: { S: entry } },
          UpdateExpression: `SET ${LAST_WRITE_ATTRIBUTE} = :last ADD ${additions}`,
          ...(entry === 'own' && { ExpressionAttributeNames: names }),
          ExpressionAttributeValues: values,
        }),
      );
    } catch (cause) {
      // DynamoDB has answered, and not with an error of its own: it has written nothing.
      if (!(cause instanceof DynamoDBServiceException) || cause.$fault !== 'client') throw cause;
      throw new MetricsRefusedError(`${cause.name}: ${cause.message}`, { cause });
    }
  }
}
