import { join } from 'node:path';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { watchTree } from '../../../bench/start/process-tree.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, shown, startDev } from './dev-project.ts';

const AGENT = 'order-processing';
const MESSAGES = 200_000;
const LIMIT_MB = 700;
/** That of a message with `authentication: jwt`. */
const TOKEN = 'x'.repeat(825);

/** A message of 450 bytes and its token. */
function entry(nth: number) {
  const orderId = crypto.randomUUID();
  const envelope = {
    ...{ specversion: '1.0', id: crypto.randomUUID(), source: 'urn:flood', type: 'order.placed', time: new Date().toISOString() },
    ...{ subject: orderId, correlationid: orderId, datacontenttype: 'application/json' },
    data: { orderId, amount: { value: 4_998, currency: 'EUR' }, paymentMethod: 'pm_ok', items: [{ sku: 'kettle-1', quantity: 2 }] },
  };
  const MessageAttributes = { authorization: { DataType: 'String', StringValue: TOKEN } };
  return { Id: String(nth), MessageBody: JSON.stringify(envelope), MessageAttributes };
}

// The memory of processes is read from /proc.
test.runIf(process.platform === 'linux')('200,000 messages that wait, and 10,000 of them handled, take less than 700 MB', async () => {
  await using owner = new AsyncDisposableStack();
  const dev = startDev(owner, join(import.meta.dirname, '../../..'), ['--no-samples', '--no-watch']);
  const endpoint = await shown(dev, /http:\/\/127\.0\.0\.1:\d+/);
  using tree = watchTree(dev.child.pid);
  const mesh = clientOf(owner, endpoint);
  await until('the agent is paused', async () => (await mesh.pause(AGENT)).state === 'disabled');
  const sqs = owner.adopt(
    new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    (client) => client.destroy(),
  );
  const QueueUrl = `${endpoint}/000000000000/posthorn-dev-${AGENT}-inbox`;
  let left = MESSAGES;
  const send = async () => {
    for (; left > 0; left -= 10)
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: Array.from({ length: 10 }, (_, nth) => entry(nth)) }));
  };
  await Promise.all(Array.from({ length: 8 }, send));
  const waiting = async () => Object.values(await mesh.depth(AGENT, 'inbox')).reduce((sum, count) => sum + count, 0);
  expect(await waiting()).toBeGreaterThanOrEqual(MESSAGES);

  await mesh.resume(AGENT);
  await until('10,000 messages are handled', async () => (await waiting()) < MESSAGES - 10_000);

  expect(tree.use().peakMb).toBeLessThan(LIMIT_MB);
});
