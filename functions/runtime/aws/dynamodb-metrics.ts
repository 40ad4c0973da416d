import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LAST_WRITE_ATTRIBUTE, type MetricsEntry, metricsShards, shardSeries } from '../../../events/metrics-record.ts';
import { NAMES_ATTRIBUTE } from '../../../events/own-metrics-record.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import { MetricsRefusedError } from '../metrics/metrics-recorder.ts';
import type { Clock, Entropy, MetricsTable } from '../ports.ts';
import { type Addition, additionOf, additionOfOwn } from './addition.ts';
import { OwnNames } from './own-names.ts';

/** The metrics record of an agent in a DynamoDB table. A process adds to one shard of it. */
export class DynamoDbMetrics implements MetricsTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #series: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #names = new OwnNames();

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
    if (entry === 'own') return this.#addOwn(increments);
    await this.#update(entry, additionOf(increments));
    return [];
  }

  /** The first write of a process does not know which names the item has. It asks about them only if the item refuses its own. */
  async #addOwn(increments: ReadonlyMap<string, number>): Promise<readonly string[]> {
    try {
      return await this.#addNamed(increments);
    } catch (error) {
      if (!(error instanceof MetricsRefusedError && error.cause instanceof ConditionalCheckFailedException)) throw error;
      await this.#askForNames();
      return this.#addNamed(increments);
    }
  }

  async #addNamed(wanted: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const { increments, fresh, leftOut } = this.#names.select(wanted);
    this.#names.learn(await this.#update('own', additionOfOwn(increments, fresh)));
    return leftOut;
  }

  /** By an update, which is what the agent's role may do. @throws MetricsRefusedError whatever fails: nothing was to be added */
  async #askForNames(): Promise<void> {
    try {
      this.#names.learn(await this.#update('own', { additions: '', values: {}, returned: 'ALL_NEW' }));
    } catch (cause) {
      throw new MetricsRefusedError('the names of the item could not be read', { cause });
    }
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
