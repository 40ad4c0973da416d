import { expect, test } from 'vitest';
import { PermanentError } from '../../../../functions/runtime/failure/errors.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { createMessage } from '../../../helpers/records.ts';
import { recordOf, startProcess, TIMEOUT_MS } from './testing-agent.ts';

/** A process that is frozen while it handles: when it goes on, its invocation is over, and no timer of it has fired yet. */
function startFrozen(end: () => unknown) {
  const ports = new MemoryPorts();
  const now = ports.clock.now.bind(ports.clock);
  let frozenMs = 0;
  ports.clock.now = () => now() + frozenMs;
  const handle = async () => {
    frozenMs = TIMEOUT_MS;
    return end();
  };
  return { ports, deliver: startProcess(ports, { handle }) };
}

test.each([
  ['processed', () => undefined],
  [
    'rejected',
    () => {
      throw new PermanentError('Unwanted', 'as the test says');
    },
  ],
])('an outcome is not committed after the end of its invocation: %s', async (_outcome, end) => {
  const { ports, deliver } = startFrozen(end);

  expect(await deliver(createMessage('m-1', undefined, { messageId: 'sqs-1' }))).toEqual(['sqs-1']);

  expect(recordOf(ports, 'm-1')).toBeUndefined();
  expect(ports.sent).toEqual([]);
});
