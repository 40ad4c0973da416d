import { expect, test } from 'vitest';
import { jainIndex } from '../../../bench/jain-index.ts';
import type { ProducerFigures } from '../../../bench/producers/measure-producer.ts';
import { producersTables } from '../../../bench/producers/producers-tables.ts';

const governed: ProducerFigures = {
  name: 'createProducer',
  seconds: 60,
  capacityPerSecond: 180.4,
  sentPerSecond: 171.2,
  handledPerSecond: 170.6,
  goodput: 0.984,
  peakDepth: 452,
  waitAtEndSeconds: 2.04,
  waitP95Seconds: 2.5,
  memoryMb: [120.4, 121.6],
  heapMb: [20.4, 20.6],
  requestsPerMessage: 0.1042,
  fairness: undefined,
  swing: 0.031,
  sent: 10_272,
  handled: 10_272,
  waiting: 0,
  lost: 0,
};
const flood: ProducerFigures = {
  ...governed,
  ...{ name: 'the SDK in a loop', peakDepth: 212_400, waitAtEndSeconds: 1_234.5, waitP95Seconds: undefined, fairness: 0.9996 },
  ...{ swing: undefined, sent: 222_400, handled: 9_999, waiting: 212_400, lost: 1 },
};

test('the table has a column for each contestant, and nothing where nothing is known', () => {
  const tenants = [{ withTenants: true, noisy: 2_000, quiet: 20, medianWaitSeconds: 0.31, longestWaitSeconds: 12.4, lastPlace: 61 }];

  expect(producersTables({ contestants: [governed, flood], tenants })).toBe(
    `
| 60 s each                           | createProducer | the SDK in a loop |
| ----------------------------------- | -------------- | ----------------- |
| what the agent can handle, a second | 180            | 180               |
| sent a second                       | 171            | 171               |
| handled a second                    | 171            | 171               |
| goodput, once steady                | 98%            | 98%               |
| most messages in the inbox          | 452            | 212,400           |
| expected wait at the end            | 2.0 s          | 1,235 s           |
| p95 of the wait, once steady        | 2.5 s          |                   |
| memory after a sixth, at the end    | 120, 122 MB    | 120, 122 MB       |
| heap after a sixth, at the end      | 20, 21 MB      | 20, 21 MB         |
| requests for a message              | 0.104          | 0.104             |
| Jain's index over 10 s, once steady |                | 1.000             |
| swing over 10 s, once steady        | 3%             |                   |
| sent in all                         | 10,272         | 222,400           |
| handled                             | 10,272         | 9,999             |
| waiting                             | 0              | 212,400           |
| lost                                | 0              | 1                 |

| the quiet tenant, on the embedded cloud's imitation | median wait | longest wait | last place  |
| --------------------------------------------------- | ----------- | ------------ | ----------- |
| with \`tenant\`                                       | 0.3 s       | 12 s         | 61 of 2,020 |
`.trim(),
  );
});

test.each([
  ['all have the same', [5, 5, 5, 5], 1],
  ['one has everything', [8, 0, 0, 0], 0.25],
  ['nobody has anything', [0, 0], 1],
])("Jain's index where %s", (_case, shares, index) => {
  expect(jainIndex(shares)).toBe(index);
});
