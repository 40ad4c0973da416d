import { expect, test } from 'vitest';
import { liveDetails } from '../../../cli/commands/send/live-details.ts';

test('says what is in flight, the load, the rate of the last seconds, and whether an agent brakes', () => {
  let now = 1_000;
  let isBraked = false;
  const target = { agent: 'one', ratePerSecond: 95, pressure: 0.7 };
  const live = liveDetails({ inFlight: () => 100, load: () => 0.734, targets: () => [{ ...target, isBraked }] }, () => now);
  expect(live(0)).toBe('100 in flight, load 73%, 0.0/s');
  now += 2_000;
  expect(live(3_000)).toBe('100 in flight, load 73%, 1,500/s');
  isBraked = true;
  for (let second = 0; second < 20; second++) {
    now += 1_000;
    live(3_000 + second);
  }
  expect(live(3_019)).toMatch(/^100 in flight, load 73%, 1\.\d\/s, braked$/);
});
