import { beforeAll, describe, expect, test } from 'vitest';
import { ratiosOf, readBaseline, regressions } from '../../../bench/counts/baseline.ts';
import { type Counts, measureCounts } from '../../../bench/counts/measure-counts.ts';

// No seconds: these counts are the same on a busy machine.

let posthorn: Counts;
let powertools: Counts;

beforeAll(async () => {
  ({ posthorn, powertools } = await measureCounts());
}, 120_000);

describe('ten small messages, each of which sends one on', () => {
  test('take one read, one commit, one send, and one addition to the metrics record', () => {
    expect(posthorn.tableRequestsPerTen).toBe(3);
    expect(posthorn.requestsPerTen).toBe(4);
    expect(powertools.requestsPerTen).toBe(30);
  });

  test('take two write units each: one for the record, one for its entry in the index of journeys; and a tenth for the metrics record', () => {
    expect(posthorn.writeUnits).toBeCloseTo(2.1, 5);
  });

  test('allocate at most a quarter of what Powertools allocates', () => {
    expect(posthorn.allocatedBytes / powertools.allocatedBytes).toBeLessThanOrEqual(0.25);
  });

  test('are no worse, beside Powertools, than what is on record', () => {
    expect(regressions(ratiosOf({ posthorn, powertools }), readBaseline())).toEqual([]);
  });
});
