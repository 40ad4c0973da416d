import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { SqsQueue } from '../../../../functions/runtime/aws/sqs-queue.ts';
import { acceptRefusal } from '../../../../functions/runtime/ledger/refused-reply.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { startAws } from './local-aws.ts';

/** The error of the SDK for what SQS answers to a send. */
async function errorOf(status: number, type: string, queryError: string | undefined): Promise<unknown> {
  const endpoint = await startAws((_request, response) => {
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      ...(queryError !== undefined && { 'x-amzn-query-error': queryError }),
    });
    response.end(JSON.stringify({ __type: type, message: 'refused' }));
  });
  const queue = new SqsQueue(new SQSClient({ endpoint }));
  return queue.send(`${endpoint}/123456789012/q`, [{ body: 'a', attributes: {} }]).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Whether the reply is given up, at the receive. */
function isGivenUp(error: unknown, receiveCount: number): boolean {
  const { logger } = new MemoryPorts();
  try {
    acceptRefusal(error, 'asking', { receiveCount, logger }, { maxReceives: 10 });
    return true;
  } catch (thrown) {
    expect(thrown).toBe(error);
    return false;
  }
}

describe('a reply', () => {
  test('whose queue does not exist is given up at once', async () => {
    const error = await errorOf(400, 'com.amazonaws.sqs#QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue;Sender');

    expect([1, 10].map((receive) => isGivenUp(error, receive))).toEqual([true, true]);
  });

  test.each([
    ['com.amazon.coral.service#AccessDeniedException', 'AccessDenied;Sender'],
    ['com.amazon.coral.service#AccessDeniedException', undefined],
    ['AccessDenied', undefined],
  ])('that the role may not send is given up at the last receive: %s, %s', async (type, queryError) => {
    const error = await errorOf(403, type, queryError);

    expect([1, 9, 10].map((receive) => isGivenUp(error, receive))).toEqual([false, false, true]);
  });

  test.each([
    [503, 'com.amazonaws.sqs#ServiceUnavailable', undefined],
    [400, 'com.amazonaws.sqs#RequestThrottled', 'RequestThrottled;Sender'],
    [403, 'com.amazon.coral.service#ExpiredTokenException', undefined],
  ])('is never given up for anything else: %s, %s', async (status, type, queryError) => {
    const error = await errorOf(status, type, queryError);

    expect(error).toBeInstanceOf(Error);
    expect([1, 10].map((receive) => isGivenUp(error, receive))).toEqual([false, false]);
  });

  test('is never given up for an error that is none', () => {
    for (const thrown of [undefined, null, 'QueueDoesNotExist', { name: '' }]) expect(isGivenUp(thrown, 10)).toBe(false);
  });
});
