import { expect, test } from 'vitest';
import { failedMessages } from '../../../local/lambda/failed-messages.ts';

const batch = ['a', 'b', 'c'];

test.each([
  ['null', []],
  ['{}', []],
  ['{"batchItemFailures":null}', []],
  ['{"batchItemFailures":[]}', []],
  ['{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
  ['{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}', ['b']],
])('%s leaves %j in the queue', (response, expected) => {
  expect([...failedMessages(response, batch)]).toEqual(expected);
});

test.each([
  '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"unknown"}]}',
  '{"batchItemFailures":[{"itemIdentifier":""}]}',
  '{"batchItemFailures":[{"itemIdentifier":null}]}',
  '{"batchItemFailures":[{"wrongKey":"b"}]}',
  '{"batchItemFailures":"b"}',
  '[]',
  '"done"',
  '""',
  '1',
  'not JSON',
])('%s fails the whole batch', (response) => {
  expect([...failedMessages(response, batch)]).toEqual(batch);
});
