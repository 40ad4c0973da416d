import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { deadLetterQueueName, errorQueueName, inboxName, meshName } from '../../events/names.ts';
import type { AwsMesh } from '../helpers/aws-mesh.ts';
import { event, newTrace, SOURCE } from '../helpers/mesh-fixture.ts';
import { until } from '../helpers/until.ts';
import { type MeshUnderTest, meshUnderTest } from './mesh-under-test.ts';

// Uses AWS APIs only, and sends its own messages: it changes nothing else in a shared mesh.

let target: MeshUnderTest;
let mesh: AwsMesh;

beforeAll(async () => {
  target = await meshUnderTest();
  mesh = target.mesh;
});
afterAll(() => target?.[Symbol.asyncDispose]());

const REVIEW = 'The kettle is wonderful. It boils fast, looks beautiful, and I am very happy with it. I love this kettle.';

describe.concurrent('a deployed mesh', () => {
  test('has for each agent an inbox with a dead-letter queue behind it, and an error queue', async ({ expect }) => {
    const { stage } = mesh.settings;
    const agents = ['document-extraction', 'sentiment-analysis', 'report-writing', 'order-processing'];

    const policies = await Promise.all(
      agents.map(async (agent) => {
        const QueueUrl = await mesh.queueUrl(inboxName(meshName({ stage }), agent));
        const { Attributes } = await mesh.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
        const { maxReceiveCount, deadLetterTargetArn } = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
        return [Number(maxReceiveCount), deadLetterTargetArn, Attributes?.MaximumMessageSize];
      }),
    );
    const errorQueues = await Promise.all(agents.map((agent) => mesh.queueUrl(errorQueueName(meshName({ stage }), agent))));

    expect(policies).toEqual(
      agents.map((agent) => [10, expect.stringMatching(`:${deadLetterQueueName(meshName({ stage }), agent)}$`), '1048576']),
    );
    expect(errorQueues).toEqual(agents.map((agent) => expect.stringMatching(`/${errorQueueName(meshName({ stage }), agent)}$`)));
  });

  test('passes a document through its agents, once, however often it is sent', async ({ expect }) => {
    const { correlationid, traceparent } = newTrace();
    const document = event(REVIEW, { correlationid, traceparent, datacontenttype: 'text/plain', subject: 'review' });

    await Promise.all([1, 2, 3].map(() => mesh.send('document-extraction', [document])));
    const journey = await until('the journey ends with a report', async () => {
      const hops = await mesh.journey(correlationid);
      return hops.some(({ agent, outcome }) => agent === 'report-writing' && outcome !== undefined) && hops;
    });

    expect(journey.map(({ agent, outcome }) => `${agent} ${outcome}`).sort()).toEqual([
      'document-extraction processed',
      'report-writing processed',
      'sentiment-analysis processed',
    ]);
  });

  test('takes a document of megabytes by reference', async ({ expect }) => {
    const bytes = Buffer.from(`${REVIEW}\n`.repeat(20_000));
    const document = event(undefined, { ...(await mesh.content.put(bytes, 'text/plain')), datacontenttype: 'text/plain' });

    await mesh.send('document-extraction', [document]);

    expect(await mesh.outcomeOf('document-extraction', SOURCE, document.id)).toMatchObject({
      outcome: 'processed',
      attempts: [],
    });
  });

  test('rejects what cannot be handled, and goes on with what is beside it', async ({ expect }) => {
    const good = event({ documentId: 'good', text: REVIEW });
    const empty = event({ documentId: 'empty', text: '  ' });
    const elsewhere = event(undefined, { dataref: 's3://elsewhere/x', datadigest: `sha-256:${'0'.repeat(64)}`, datasize: 1 });

    const [, sqsId = ''] = await mesh.send('sentiment-analysis', [good, 'no JSON', empty, elsewhere]);
    const broken = await mesh.outcomeOfUnopened('sentiment-analysis', sqsId);
    const others = await mesh.outcomesOf('sentiment-analysis', SOURCE, [good.id, empty.id, elsewhere.id]);

    expect([broken, ...others].map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['rejected', 'InvalidEnvelope'],
      ['processed', undefined],
      ['rejected', 'EmptyText'],
      ['rejected', 'ContentRefused'],
    ]);
  });

  test('rejects an order that is none, without charging it', async ({ expect }) => {
    const order = event({ orderId: 'e2e', amount: { value: -1, currency: 'EUR' } });

    await mesh.send('order-processing', [order]);

    expect(await mesh.outcomeOf('order-processing', SOURCE, order.id)).toMatchObject({
      outcome: 'rejected',
      error: { code: 'ValidationError', kind: 'permanent' },
    });
  });

  test('refuses other data under an id that it knows', async ({ expect }) => {
    const { correlationid, traceparent } = newTrace();
    const first = event({ documentId: 'first', text: REVIEW }, { correlationid, traceparent });
    const second = { ...first, data: { documentId: 'second', text: REVIEW } };
    const ownHops = async () => (await mesh.journey(correlationid)).filter(({ agent }) => agent === 'sentiment-analysis');

    await mesh.send('sentiment-analysis', [first]);
    const before = await mesh.outcomeOf('sentiment-analysis', SOURCE, first.id);
    await mesh.send('sentiment-analysis', [second]);
    const hops = await until('the second has its outcome', async () => {
      const known = await ownHops();
      return known.length > 1 && known.every(({ outcome }) => outcome !== undefined) && known;
    });

    expect(hops.map(({ outcome }) => outcome).sort()).toEqual(['processed', 'rejected']);
    expect(await mesh.outcomeOf('sentiment-analysis', SOURCE, first.id)).toEqual(before);
    expect(before.outcome).toBe('processed');
  });
});
