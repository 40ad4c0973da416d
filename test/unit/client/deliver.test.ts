import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { deliver } from '../../../client/send/deliver.ts';
import { createEnvelope } from '../../helpers/records.ts';

/** A client that takes every message but those that fail at first, and keeps the requests. */
function takingAll(failingOnce: readonly string[] = []) {
  const inputs: unknown[] = [];
  const client = new SQSClient({ region: 'eu-central-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  const send = async (command: unknown) => {
    if (!(command instanceof SendMessageBatchCommand)) throw new TypeError('no other request is expected');
    const { Entries = [] } = command.input;
    inputs.push(command.input);
    const fails = (id: string | undefined) => inputs.length === 1 && failingOnce.includes(id ?? '');
    return {
      Successful: Entries.filter(({ Id }) => !fails(Id)).map(({ Id }) => ({ Id, MessageId: `sqs-${Id}` })),
      Failed: Entries.filter(({ Id }) => fails(Id)).map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
    };
  };
  return { client: Object.assign(client, { send }), inputs };
}

const QUEUE_URL = 'https://sqs.test/q';
const plain = JSON.stringify(createEnvelope());
const tenanted = JSON.stringify(createEnvelope({ tenant: 'acme' }));

test('a message goes to the group of its tenant, also when it is sent again; without a tenant it is sent as before', async () => {
  const { client, inputs } = takingAll(['1']);

  const delivered = await deliver(client, QUEUE_URL, [plain, tenanted, 'no event'], {}, undefined);

  expect(delivered).toEqual([{ messageId: 'sqs-0' }, { messageId: 'sqs-1' }, { messageId: 'sqs-2' }]);
  const again = { Id: '1', MessageBody: tenanted, MessageAttributes: {}, MessageGroupId: 'acme' };
  expect(inputs).toStrictEqual([
    {
      QueueUrl: QUEUE_URL,
      Entries: [{ Id: '0', MessageBody: plain, MessageAttributes: {} }, again, { Id: '2', MessageBody: 'no event', MessageAttributes: {} }],
    },
    { QueueUrl: QUEUE_URL, Entries: [again] },
  ]);
});
