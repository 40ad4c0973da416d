import { hash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createProducer, InvalidOptionsError, type MeshProducer, type ProducerOptions } from '../../../../client/index.ts';
import { until } from '../../../helpers/until.ts';
import { startAws } from '../../runtime/aws/local-aws.ts';

type Operation = 'GetQueueUrl' | 'Query' | 'SendMessageBatch';

/** A producer whose AWS does not answer some operations before it is told to. */
async function heldAt(held: Operation, options: ProducerOptions = {}) {
  let asked = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const answer: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1);
      if (operation === held) {
        asked++;
        await released;
      }
      const { Entries = [] }: { Entries?: readonly { Id: string; MessageBody: string }[] } = JSON.parse(body);
      const taken = Entries.map(({ Id, MessageBody }) => ({ Id, MessageId: `sqs-${Id}`, MD5OfMessageBody: hash('md5', MessageBody) }));
      const answers: Readonly<Record<string, object>> = {
        GetQueueUrl: { QueueUrl: `http://${request.headers.host}/000000000000/posthorn-dev-one-inbox` },
        Query: { Items: [] },
        SendMessageBatch: { Successful: taken, Failed: [] },
      };
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answers[operation ?? ''] ?? {}));
    });
  };
  const endpoint = await startAws(answer);
  const producer = createProducer({ endpoint, region: 'us-east-1', authentication: 'iam', lingerMs: 0, ...options });
  return { producer, release, isAsked: () => until(`AWS is asked for ${held}`, () => asked > 0) };
}

const closedIn = async (producer: MeshProducer): Promise<unknown> =>
  producer.close({ signal: AbortSignal.abort(new Error('the process ends')) }).catch((error: unknown) => error);

describe('A producer that is closed in a hurry', () => {
  test.each<[Operation, ProducerOptions]>([
    ['GetQueueUrl', {}],
    ['Query', {}],
    ['SendMessageBatch', { governor: 'off' }],
  ])('does not wait for %s: each message fails at once, with the reason', async (held, options) => {
    const { producer, isAsked } = await heldAt(held, options);
    const sent = Promise.allSettled([producer.send('one', { nth: 1 }), producer.send('one', { nth: 2 }), producer.open('one')]);
    await isAsked();

    expect(await closedIn(producer)).toEqual(new Error('the process ends'));

    const ended = (await sent).filter(({ status }) => status === 'rejected');
    expect(ended.length).toBe(held === 'SendMessageBatch' ? 2 : 3);
    for (const each of ended) expect(each).toMatchObject({ reason: { code: 'ProducerClosed', cause: new Error('the process ends') } });
  });

  test('reports no failed reading afterwards', async () => {
    const failed: Error[] = [];
    const { producer, release, isAsked } = await heldAt('Query', { onLoadError: (error) => failed.push(error) });
    const opened = producer.open('one').catch((error: unknown) => error);
    await isAsked();
    await closedIn(producer);
    release();

    expect(await opened).toMatchObject({ code: 'ProducerClosed' });
    expect(failed).toEqual([]);
  });
});

test('a flush that is given up leaves the messages on their way', async () => {
  const { producer, release, isAsked } = await heldAt('SendMessageBatch', { governor: 'off' });
  const sent = producer.send('one', { nth: 1 });
  await isAsked();
  const reason = new Error('not now');

  await expect(producer.flush({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  release();
  expect(await sent).toMatchObject({ messageId: 'sqs-0' });
  await producer.close();
});

test('a slip in the options of flush or close is an error: it would wait without a limit', async () => {
  const { producer } = await heldAt('Query');
  const slips: readonly [object, string][] = [
    [{ timeout: 5 }, "there is no option 'timeout'"],
    [AbortSignal.timeout(5), 'the options are a signal'],
  ];

  for (const [slip, message] of slips) {
    await expect(producer.flush(slip)).rejects.toThrow(InvalidOptionsError);
    await expect(producer.close(slip)).rejects.toThrow(message);
  }
  await producer.close();
});
