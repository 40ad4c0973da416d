import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Redeployed } from '../../../cli/commands/dev/watch/redeploy.ts';
import { redeployedLines } from '../../../cli/commands/dev/watch/redeployed-lines.ts';

const mesh = { prefix: 'posthorn', stage: 'dev' };
const nothing = { created: [], updated: [], removed: [], ignored: [], doubled: [] };

const linesOf = (redeployed: Redeployed, afterError = false) =>
  redeployedLines(redeployed, mesh, 0.61, afterError).map((line) => stripVTControlCharacters(line).replace(/^\d\d:\d\d:\d\d/, 'TIME'));

test('each kind of change is a line, a resource with function and queue once', () => {
  const lines = linesOf({
    report: {
      ...nothing,
      created: ['posthorn-dev-greeting-inbox', 'posthorn-dev-greeting'],
      updated: ['posthorn-dev-order-processing', 'posthorn-dev-order-processing'],
      doubled: ['billing'],
      removed: [
        {
          stackName: 'posthorn-dev-agent-farewell',
          names: [],
          queues: [
            { name: 'posthorn-dev-farewell-inbox', messages: 3 },
            { name: 'posthorn-dev-farewell-dlq', messages: 0 },
          ],
        },
        { stackName: 'posthorn-dev-agent-other', names: [], queues: [{ name: 'posthorn-dev-other-inbox', messages: 0 }] },
      ],
    },
  });

  expect(lines).toEqual([
    'TIME  created  greeting-inbox, greeting  0.6 s',
    'TIME  updated  order-processing  0.6 s',
    'TIME  doubled  billing  0.6 s',
    'TIME  removed  posthorn-dev-agent-farewell: its functions have stopped; its queues still hold messages: farewell-inbox 3',
    'TIME  removed  posthorn-dev-agent-other: its functions have stopped; its queues are empty',
  ]);
});

test('an edit without an effect is a line only where it mends an error', () => {
  expect(linesOf({ report: nothing })).toEqual([]);
  expect(linesOf({ report: nothing }, true)).toEqual(['TIME  fixed: the running version matches the files']);
});

test('an error is shown whole, and steers no terminal', () => {
  expect(linesOf({ errors: 'agent.ts:1:2: error\n  \u001b[2Jline\n' })).toEqual([
    'TIME  not deployed; the previous version keeps running:',
    '          agent.ts:1:2: error',
    '            \ufffd[2Jline',
  ]);
});
