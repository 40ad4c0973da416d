import { expect, test } from 'vitest';
import { splitByPayload } from '../../../local/lambda/event-source.ts';
import { type ReceivedMessage, sqsEvent } from '../../../local/lambda/sqs-event.ts';

const message = (id: string, body: string): ReceivedMessage => ({ MessageId: id, ReceiptHandle: `r-${id}`, MD5OfBody: 'md5', Body: body });

test('an event has the facts of the message under Lambda’s names', () => {
  const attributes = { ApproximateReceiveCount: '3', SentTimestamp: '5', SenderId: 'me', ApproximateFirstReceiveTimestamp: '6' };
  const received: ReceivedMessage = {
    ...message('a', 'body'),
    Attributes: { ...attributes, MessageGroupId: 'g' },
    MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } },
    MD5OfMessageAttributes: 'md5a',
  };

  expect(sqsEvent([received], 'arn:aws:sqs:eu-west-1:000000000000:q', 'eu-west-1').Records).toEqual([
    {
      messageId: 'a',
      receiptHandle: 'r-a',
      body: 'body',
      attributes: { ...attributes, MessageGroupId: 'g' },
      messageAttributes: { n: { stringValue: '1', stringListValues: [], binaryListValues: [], dataType: 'Number' } },
      md5OfMessageAttributes: 'md5a',
      md5OfBody: 'md5',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:q',
      awsRegion: 'eu-west-1',
    },
  ]);
});

test('a batch is cut where it would no longer fit an event', () => {
  const batch = ['a', 'b', 'c'].map((id) => message(id, 'x'.repeat(400)));

  const parts = splitByPayload(batch, 1000);

  expect(parts.map((part) => part.map(({ MessageId }) => MessageId))).toEqual([['a', 'b'], ['c']]);
  expect(splitByPayload(batch, 1)).toHaveLength(3);
  expect(splitByPayload([], 1000)).toEqual([]);
});
