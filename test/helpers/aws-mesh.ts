import { GetQueueUrlCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Settings } from '../../cli/settings.ts';
import { AwsClients } from '../../client/aws-clients.ts';
import { type ContentBucket, type Hop, MeshClient } from '../../client/index.ts';
import { queueDepth } from '../../client/queues/queue-depth.ts';
import { Credentials } from '../../client/send/credentials.ts';
import { type LedgerRecord, messageKey, type Outcome, unopenedKey } from '../../events/ledger-record.ts';
import { QueueTap } from './queue-tap.ts';
import { until } from './until.ts';

/** A record that has its outcome. */
export type Ended = LedgerRecord & { readonly outcome: Outcome };

interface AwaitedOutcome {
  /** @default 0 */
  readonly generation?: number;
}

/**
 * A mesh as the tests ask it: what a {@link MeshClient} does, and waiting for outcomes. Bodies are sent by SQS alone, as a producer in
 * another language sends them: the client would refuse what the tests need an agent to refuse.
 */
export class AwsMesh implements AsyncDisposable {
  readonly settings: Settings;
  readonly content: ContentBucket;
  readonly #client: MeshClient;
  readonly #aws: AwsClients;
  readonly #credentials: Credentials;
  readonly #urls = new Map<string, Promise<string>>();
  readonly #taps = new Map<string, QueueTap>();

  constructor(settings: Settings) {
    this.settings = settings;
    this.#client = new MeshClient(settings);
    this.content = this.#client.content;
    this.#aws = new AwsClients(settings);
    this.#credentials = new Credentials(this.#aws, this.#client.name, undefined);
  }

  get sqs(): SQSClient {
    return this.#aws.sqs;
  }

  queueUrl(queueName: string): Promise<string> {
    const known = this.#urls.get(queueName);
    if (known !== undefined) return known;
    const asked = this.sqs.send(new GetQueueUrlCommand({ QueueName: queueName })).then(({ QueueUrl = '' }) => QueueUrl);
    this.#urls.set(queueName, asked);
    return asked;
  }

  /** Puts bodies (text unchanged, objects as JSON) into an agent's inbox, with a token where it wants one. @returns the ids that SQS assigned */
  async send(agentId: string, bodies: readonly (string | object)[]): Promise<readonly string[]> {
    const QueueUrl = await this.#client.queueOf(agentId, 'inbox');
    const MessageAttributes = await this.#credentials.attributesFor(agentId);
    const texts = bodies.map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
    const batches: (readonly string[])[] = [];
    // A request has room for 1 MiB: large bodies go alone.
    const perRequest = texts.some((text) => text.length > 100_000) ? 1 : 10;
    for (let start = 0; start < texts.length; start += perRequest) batches.push(texts.slice(start, start + perRequest));
    const sent: string[] = [];
    for (const batch of batches) {
      const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody, MessageAttributes }));
      const { Successful = [], Failed = [] } = await this.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} messages: ${Failed[0]?.Message}`);
      const ids = new Map(Successful.map(({ Id, MessageId = '' }) => [Id, MessageId]));
      sent.push(...batch.map((_body, index) => ids.get(String(index)) ?? ''));
    }
    return sent;
  }

  records(messageKeys: readonly string[]): Promise<readonly LedgerRecord[]> {
    return this.#client.records(messageKeys);
  }

  /** The message's outcome of a generation, as soon as there is one. @param generation @default 0 */
  outcomeOf(agentId: string, source: string, id: string, options: AwaitedOutcome = {}): Promise<Ended> {
    return this.#outcomeAt(messageKey(agentId, source, id), options);
  }

  /** The outcome of a body that is not an envelope, by the id that SQS assigned. */
  outcomeOfUnopened(agentId: string, sqsMessageId: string, options: AwaitedOutcome = {}): Promise<Ended> {
    return this.#outcomeAt(unopenedKey(agentId, sqsMessageId), options);
  }

  async #outcomeAt(key: string, { generation = 0 }: AwaitedOutcome): Promise<Ended> {
    let last: LedgerRecord | undefined;
    return until(
      `an outcome of ${key}, generation ${generation}`,
      async () => {
        [last] = await this.records([key]);
        return last?.generation === generation && hasEnded(last) && last;
      },
      { describe: () => JSON.stringify(last) ?? 'it is not in the ledger' },
    );
  }

  /** The outcomes of many messages, in their order. */
  async outcomesOf(agentId: string, source: string, ids: readonly string[]): Promise<readonly Ended[]> {
    const ended = new Map<string, Ended>();
    const keys = ids.map((id) => messageKey(agentId, source, id));
    await until(
      `outcomes of ${ids.length} messages at ${agentId}`,
      async () => {
        for (const record of await this.records([...new Set(keys)].filter((key) => !ended.has(key))))
          if (hasEnded(record)) ended.set(record.messageKey, record);
        return keys.every((key) => ended.has(key));
      },
      { describe: () => `${ended.size} have one` },
    );
    return keys.flatMap((key) => ended.get(key) ?? []);
  }

  /** The hops of a journey that have left a record. */
  async journey(id: string): Promise<readonly Hop[]> {
    return (await Array.fromAsync(this.#client.journey(id))).filter(({ state }) => state.kind !== 'not-received');
  }

  /** Visible, delayed and in flight. */
  async depth(queueName: string): Promise<number> {
    const { visible, delayed, inFlight } = await queueDepth(this.sqs, await this.queueUrl(queueName));
    return visible + delayed + inFlight;
  }

  /** Takes every message off a queue from now on, and keeps it for callers that wait for it. */
  tap(queueName: string): QueueTap {
    const tap = this.#taps.get(queueName) ?? new QueueTap(this.sqs, this.queueUrl(queueName));
    this.#taps.set(queueName, tap);
    return tap;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#taps.values()].map((tap) => tap.stop()));
    this.#aws.destroy();
    await this.#client[Symbol.asyncDispose]();
  }
}

function hasEnded(record: LedgerRecord): record is Ended {
  return record.outcome !== undefined;
}
