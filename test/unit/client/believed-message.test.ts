import { expect, test } from 'vitest';
import { believedMessage } from '../../../client/failed/believed-message.ts';
import type { AccessRecord } from '../../../events/access-record.ts';

const named = (name: string) => ({ name, sources: [], onBehalfOf: false, grants: {} });
const access: AccessRecord = {
  agent: 'greeting',
  actions: {},
  principals: { AROAGREETING: named('agent:greeting'), AROAARCHIVE: named('agent:archive'), AIDASHOP: named('producer:shop') },
  tokenHolders: [],
  issuers: [],
};

const body = JSON.stringify({ specversion: '1.0', id: 'order-1', source: '/shop', type: 'test', time: '2026-01-02T03:04:05Z' });
const recorded = { 'posthorn-outcome': 'rejected', 'posthorn-generation': '4', 'posthorn-sender': 'AIDASHOP', 'posthorn-eventid': 'x' };

const message = (SenderId: string, attributes: Readonly<Record<string, string>> = { ...recorded, colour: 'red' }) => ({
  Body: body,
  Attributes: { SenderId },
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  ),
});

test('what the agent wrote is believed', () => {
  expect(believedMessage(message('AROAGREETING:posthorn-dev-greeting'), 'greeting', access)).toMatchObject({
    failure: { outcome: 'rejected', generation: 4 },
    sender: 'AIDASHOP',
    senderId: 'AROAGREETING:posthorn-dev-greeting',
  });
});

test.each([
  ['another agent', 'AROAARCHIVE:session'],
  ['a producer', 'AIDASHOP'],
  ['a stranger', 'AROASTRANGER:agent:greeting'],
  ['a name of every object', 'constructor'],
])('what %s wrote is a message that SQS moved, without the mesh’s attributes', (_who, senderId) => {
  expect(believedMessage(message(senderId), 'greeting', access)).toMatchObject({
    id: 'order-1',
    failure: undefined,
    sender: senderId,
    statedSender: 'AIDASHOP',
    attributes: { colour: { DataType: 'String', StringValue: 'red' } },
    body,
  });
  expect(believedMessage(message(senderId), 'greeting', access).attributes).not.toHaveProperty('posthorn-outcome');
});

test.each([
  ['where there is no registry', 'AIDASHOP', undefined],
  ['where SQS stamps all messages with the account', '000000000000', access],
])('%s, the attributes are all that there is', (_where, senderId, known) => {
  expect(believedMessage(message(senderId), 'greeting', known).failure).toMatchObject({ generation: 4 });
});

test('a registered account is a sender as any other', () => {
  const known = { ...access, principals: { ...access.principals, '000000000000': named('producer:partner') } };

  expect(believedMessage(message('000000000000'), 'greeting', known).failure).toBeUndefined();
});
