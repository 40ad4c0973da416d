import { describe, expect, test } from 'vitest';
import { measureScenario } from '../../../bench/backpressure/measure-scenario.ts';
import { SCENARIOS, UNGOVERNED } from '../../../bench/backpressure/scenarios.ts';

/** The plant's agents have this goal. */
const GOAL_SECONDS = 30;

describe.each(SCENARIOS)('The governor, in virtual time: $name', (scenario) => {
  const { goodput, waitSeconds, fairness, swing, lost } = measureScenario(scenario);
  const [, longest] = waitSeconds;

  test('keeps the expected wait within twice the goal, and the agent busy', () => {
    expect(longest).toBeLessThanOrEqual(2 * GOAL_SECONDS);
    expect(goodput).toBeGreaterThanOrEqual(0.95);
    expect(lost).toBe(0);
  });

  test('gives producers equal shares, and does not swing', () => {
    expect(fairness).toBeGreaterThanOrEqual(0.95);
    expect(swing).toBeLessThanOrEqual(0.25);
  });
});

test('what the governor is for: without one, an inbox grows without bound', () => {
  const { waitSeconds, peakBacklog } = measureScenario(UNGOVERNED);

  expect(waitSeconds[1]).toBeGreaterThan(100 * GOAL_SECONDS);
  expect(peakBacklog).toBeGreaterThan(3_000_000);
});
