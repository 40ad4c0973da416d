import { describe, expect, test } from 'vitest';
import { readBaseline, regressions } from '../../../bench/counts/baseline.ts';

describe('a regression', () => {
  const recorded = readBaseline();

  test('is one ratio that is more than a quarter worse than recorded, and is named', () => {
    const now = { ...recorded, allocatedBytes: recorded.allocatedBytes * 1.26 };

    expect(regressions(now, recorded)).toEqual([expect.stringMatching(/^allocatedBytes: .* \(\+26%\)$/)]);
  });

  test('is nothing less', () => {
    const now = { ...recorded, allocatedBytes: recorded.allocatedBytes * 1.24, wireBytes: recorded.wireBytes / 2 };

    expect(regressions(now, recorded)).toEqual([]);
  });
});
