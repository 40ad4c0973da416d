import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { measureScenario } from '../../../bench/backpressure/measure-scenario.ts';
import { drawPictures, PICTURES_FOLDER } from '../../../bench/backpressure/pictures.ts';
import { runPlant } from '../../../bench/backpressure/plant.ts';
import { DEAD, SCENARIOS, UNGOVERNED } from '../../../bench/backpressure/scenarios.ts';
import { waitBySecond } from '../../../bench/backpressure/wait-by-second.ts';

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

test('an agent that dies gets a trickle of each producer, and nothing is lost', () => {
  const seconds = [...runPlant(DEAD)];
  const afterwards = seconds.filter(({ second }) => second >= DEAD.steadyFrom);
  const sent = afterwards.flatMap((each) => each.sent).reduce((sum, count) => sum + count, 0);

  // A tenth of a message a second.
  expect(sent / afterwards.length).toBeCloseTo(DEAD.producers.length * 0.1, 1);
  expect(measureScenario(DEAD).lost).toBe(0);
});

test('the wait of a message is that until its agent has handled it', () => {
  const agent = { id: 'slow', capacity: (second: number) => (second < 10 ? 0 : 2) };
  const seconds = [...runPlant({ agents: [agent], producers: [{ to: 'slow', demand: () => 1, kind: 'free' }], seconds: 15 })];

  // Two each second from the eleventh on: messages 1 and 2 in second 10, 3 and 4 in second 11 ...; at the end 15 have come, 10 are handled.
  expect(waitBySecond(seconds, agent)).toEqual([10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 4.5, 4, 3.5, 3, 2.5]);
});

test('the pictures of docs/backpressure.md are what the plant draws: run `npm run bench -- backpressure --svg` after a change', () => {
  const pictures = readdirSync(PICTURES_FOLDER).filter((file) => file.endsWith('.svg'));
  const written = new Map(pictures.map((file) => [file, readFileSync(join(PICTURES_FOLDER, file), 'utf8')]));
  const drawn = drawPictures();

  expect([...written.keys()].sort()).toEqual([...drawn.keys()].sort());
  for (const [file, picture] of drawn) expect(written.get(file) === picture, `${file} differs`).toBe(true);
});
