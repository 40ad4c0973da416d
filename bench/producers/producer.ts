import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { type ProducerOrder, type ProducerTally, producerOrderSchema } from './producer-messages.ts';

// Sends as much as it can to an agent, from a process of its own. Each way of sending loads only what it needs.

const BATCH_SIZE = 10;
/** Requests of the loop at the same time. */
const PARALLEL_REQUESTS = 8;
/** Messages of a call of sqs-producer. It sends them ten by ten. */
const MESSAGES_PER_CALL = 100;
const SETTLED_SHARE = 1 / 6;

/** Counts what SQS has taken. */
interface Counter {
  sent(producer: number, count: number): void;
  refused(count: number): void;
}

type Sending = (order: ProducerOrder, endsAt: number, counter: Counter) => Promise<unknown>;

const place = ({ endpoint, region }: ProducerOrder) => ({
  endpoint,
  region,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

let next = 0;

/** An event as a client writes it that does not know the mesh's library. */
const body = (): string =>
  JSON.stringify({
    ...{ specversion: '1.0', id: randomUUID(), source: 'urn:nightly-batch', type: 'order.placed', time: new Date().toISOString() },
    data: { nth: next++ },
  });

const entries = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index), body: body() }));

async function* endless(endsAt: number) {
  while (Date.now() < endsAt) yield { nth: next++ };
}

async function byProducer(order: ProducerOrder, endsAt: number, counter: Counter): Promise<void> {
  const { createProducer } = await import('../../client/index.ts');
  const one = async (index: number) => {
    await using producer = createProducer(place(order));
    for await (const { status } of producer.sendMany(order.agent, endless(endsAt), { type: 'order.placed' })) {
      if (status === 'sent') counter.sent(index, 1);
      else counter.refused(1);
    }
  };
  await Promise.all(Array.from({ length: order.producers }, (_, index) => one(index)));
}

/** As a nightly batch is usually written. */
async function bySdk(order: ProducerOrder, endsAt: number, counter: Counter): Promise<void> {
  const { SendMessageBatchCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const sqs = new SQSClient(place(order));
  const loop = async () => {
    while (Date.now() < endsAt) {
      const Entries = entries(BATCH_SIZE).map(({ id, body: MessageBody }) => ({ Id: id, MessageBody }));
      const { Successful = [], Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: order.queueUrl, Entries }));
      counter.sent(0, Successful.length);
      counter.refused(Failed.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, loop));
  sqs.destroy();
}

/** @see https://github.com/bbc/sqs-producer#usage */
async function bySqsProducer(order: ProducerOrder, endsAt: number, counter: Counter): Promise<void> {
  const [{ SQSClient }, { Producer }] = await Promise.all([import('@aws-sdk/client-sqs'), import('sqs-producer')]);
  const sqs = new SQSClient(place(order));
  const producer = Producer.create({ queueUrl: order.queueUrl, region: order.region, sqs });
  while (Date.now() < endsAt) counter.sent(0, (await producer.send(entries(MESSAGES_PER_CALL))).length);
  sqs.destroy();
}

const SENDINGS: Readonly<Record<ProducerOrder['kind'], Sending>> = {
  createProducer: byProducer,
  sdk: bySdk,
  'sqs-producer': bySqsProducer,
};

/** The heap is that after a collection: before one, it says how long there has been none. */
function memoryNow(): { readonly resident: number; readonly heap: number } {
  const resident = process.memoryUsage.rss();
  if (gc === undefined) throw new Error('start this process with --expose-gc');
  gc();
  return { resident, heap: process.memoryUsage().heapUsed };
}

process.on('message', async (message) => {
  const order = producerOrderSchema.parse(message);
  let requests = 0;
  subscribe('http.client.request.start', () => void requests++);
  const startedAt = Date.now();
  const sent: number[][] = Array.from({ length: order.producers }, () => []);
  let refused = 0;
  const counter: Counter = {
    sent(producer, count) {
      const second = Math.floor((Date.now() - startedAt) / 1_000);
      const seconds = sent[producer] ?? [];
      while (seconds.length <= second) seconds.push(0);
      seconds[second] = (seconds[second] ?? 0) + count;
    },
    refused(count) {
      refused += count;
    },
  };
  let settled = memoryNow();
  const look = setTimeout(
    () => {
      settled = memoryNow();
    },
    order.seconds * 1_000 * SETTLED_SHARE,
  );
  await SENDINGS[order.kind](order, startedAt + order.seconds * 1_000, counter);
  clearTimeout(look);
  const end = memoryNow();
  const tally: ProducerTally = {
    ...{ startedAt, sent, refused, requests },
    memoryBytes: [settled.resident, end.resident],
    heapBytes: [settled.heap, end.heap],
  };
  process.send?.(tally);
});
