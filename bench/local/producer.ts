import { setTimeout } from 'node:timers/promises';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { batchEvent } from '../batch-event.ts';
import { type Delivery, type Order, orderSchema } from './producer-messages.ts';

// Sends messages to a queue from a separate process.

const BATCH_SIZE = 10;
const PARALLEL_SENDS = 4;
const TICK_MS = 2;

const nowMs = (): number => performance.timeOrigin + performance.now();
let orders = 0;
let client: SQSClient | undefined;

async function send({ endpoint, queueUrl }: Order, run: string, first: number, dueAtMs: readonly number[]): Promise<[string, number][]> {
  client ??= new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } });
  const bodies = batchEvent(`${run}-${first}`, 0, { size: dueAtMs.length }).Records.map(({ body }) => body);
  const { Successful = [] } = await client.send(
    new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })) }),
  );
  if (Successful.length !== dueAtMs.length) throw new Error('the queue did not take every message');
  return Successful.map(({ Id, MessageId = '' }) => [MessageId, dueAtMs[Number(Id)] ?? 0]);
}

async function flood(order: Order, run: string): Promise<[string, number][]> {
  const sent: [string, number][] = [];
  let next = 0;
  const sender = async () => {
    while (next < order.messages) {
      const first = next;
      next += BATCH_SIZE;
      const count = Math.min(BATCH_SIZE, order.messages - first);
      sent.push(...(await send(order, run, first, Array(count).fill(nowMs()))));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_SENDS }, sender));
  return sent;
}

/** Open loop: a message's latency counts from its due time, even if this process or the queue is behind. */
async function paced(order: Order, run: string, ratePerSecond: number): Promise<[string, number][]> {
  const sends: Promise<[string, number][]>[] = [];
  const startsAtMs = nowMs();
  let next = 0;
  while (next < order.messages) {
    const due = Math.min(order.messages, 1 + Math.floor(((nowMs() - startsAtMs) * ratePerSecond) / 1_000));
    while (next < due) {
      const count = Math.min(BATCH_SIZE, due - next);
      const dueAtMs = Array.from({ length: count }, (_, index) => startsAtMs + ((next + index) * 1_000) / ratePerSecond);
      sends.push(send(order, run, next, dueAtMs));
      next += count;
    }
    await setTimeout(TICK_MS);
  }
  return (await Promise.all(sends)).flat();
}

process.on('message', async (message) => {
  const order = orderSchema.parse(message);
  const run = `order-${process.pid}-${orders++}`;
  const before = process.cpuUsage();
  const sent = order.ratePerSecond === undefined ? await flood(order, run) : await paced(order, run, order.ratePerSecond);
  const { user, system } = process.cpuUsage(before);
  const delivery: Delivery = { sent, cpuMicros: user + system };
  process.send?.(delivery);
});
