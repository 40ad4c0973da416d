import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { SqsQueue } from '../../../../functions/runtime/aws/sqs-queue.ts';

const QUEUE_URL = 'https://sqs.test/q';

/** A client whose requests end before they leave. */
function answering(answer: (command: unknown) => object): SQSClient {
  const client = new SQSClient({ region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  return Object.assign(client, { send: async (command: unknown) => answer(command) });
}

const inputOf = (command: unknown) =>
  command instanceof SendMessageBatchCommand || command instanceof ChangeMessageVisibilityBatchCommand ? command.input : undefined;

describe('SqsQueue', () => {
  it('sends bodies as they are with string attributes, and answers each message for itself', async () => {
    const inputs: unknown[] = [];
    const queue = new SqsQueue(
      answering((command) => {
        inputs.push(inputOf(command));
        return {
          Successful: [{ Id: '0' }],
          Failed: [{ Id: '1', Code: 'InternalError', Message: 'try again', SenderFault: false }],
        };
      }),
    );

    const answers = await queue.send(QUEUE_URL, [
      { body: 'a', attributes: { 'posthorn-code': 'Bad' } },
      { body: 'b', attributes: {} },
      { body: 'c', attributes: {} },
    ]);

    expect(answers).toEqual([undefined, new Error('InternalError: try again'), new Error('SQS gave no answer for it')]);
    expect(inputs).toMatchObject([
      {
        QueueUrl: QUEUE_URL,
        Entries: [
          { Id: '0', MessageBody: 'a', MessageAttributes: { 'posthorn-code': { DataType: 'String', StringValue: 'Bad' } } },
          { Id: '1', MessageBody: 'b' },
          { Id: '2', MessageBody: 'c' },
        ],
      },
    ]);
  });

  it('sends a message with a group to it, and the others as before', async () => {
    const inputs: unknown[] = [];
    const queue = new SqsQueue(
      answering((command) => {
        inputs.push(inputOf(command));
        return { Successful: [{ Id: '0' }, { Id: '1' }] };
      }),
    );

    await queue.send(QUEUE_URL, [
      { body: 'a', attributes: {}, group: 'acme' },
      { body: 'b', attributes: {}, group: undefined },
    ]);

    expect(inputs).toStrictEqual([
      {
        QueueUrl: QUEUE_URL,
        Entries: [
          { Id: '0', MessageBody: 'a', MessageGroupId: 'acme', MessageAttributes: {} },
          { Id: '1', MessageBody: 'b', MessageAttributes: {} },
        ],
      },
    ]);
  });

  it('hides messages until their delay is over', async () => {
    const inputs: unknown[] = [];
    const queue = new SqsQueue(
      answering((command) => {
        inputs.push(inputOf(command));
        return { Successful: [{ Id: '1' }], Failed: [{ Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true }] };
      }),
    );

    const answers = await queue.changeVisibility(QUEUE_URL, [
      { receiptHandle: 'r1', delaySeconds: 1 },
      { receiptHandle: 'r2', delaySeconds: 900 },
    ]);

    expect(answers).toEqual([new Error('ReceiptHandleIsInvalid: no reason given'), undefined]);
    expect(inputs).toMatchObject([
      {
        Entries: [
          { ReceiptHandle: 'r1', VisibilityTimeout: 1 },
          { ReceiptHandle: 'r2', VisibilityTimeout: 900 },
        ],
      },
    ]);
  });

  it('reports an error for each entry that SQS does not confirm', async () => {
    const queue = new SqsQueue(answering(() => ({})));

    expect(await queue.send(QUEUE_URL, [{ body: 'a', attributes: {} }])).toEqual([expect.any(Error)]);
    expect(await queue.changeVisibility(QUEUE_URL, [{ receiptHandle: 'r', delaySeconds: 1 }])).toEqual([expect.any(Error)]);
  });
});
