import { afterAll, beforeAll, expect, test } from 'vitest';
import { GOVERNED, SDK_LOOP } from '../../../bench/producers/contestants.ts';
import { measureCapacity } from '../../../bench/producers/measure-capacity.ts';
import { measureProducer } from '../../../bench/producers/measure-producer.ts';
import { SteadyMesh } from '../../../bench/producers/steady-mesh.ts';

// Counts; of seconds nothing.

const SECONDS = 4;

/** The agent's `latencyGoalSeconds`: so much of its work a governed producer lets gather at most. */
const GOAL_SECONDS = 5;

let mesh: SteadyMesh;
let capacityPerSecond: number;

beforeAll(async () => {
  mesh = await SteadyMesh.start('steady');
  capacityPerSecond = await measureCapacity(mesh, 200);
});
afterAll(() => mesh[Symbol.asyncDispose]());

test('a governed producer keeps the inbox within the goal, a loop without a brake does not, and nothing is lost', async () => {
  const governed = await measureProducer(mesh, GOVERNED, { seconds: SECONDS, capacityPerSecond, drainSeconds: Number.POSITIVE_INFINITY });
  const flood = await measureProducer(mesh, SDK_LOOP, { seconds: SECONDS, capacityPerSecond, drainSeconds: 0 });

  expect(governed).toMatchObject({ handled: governed.sent, waiting: 0, lost: 0 });
  expect(governed.sent).toBeGreaterThan(0);
  expect(flood).toMatchObject({ waiting: flood.sent - flood.handled, lost: 0 });
  expect(flood.waiting).toBeGreaterThan(0);
  expect(governed.peakDepth).toBeLessThanOrEqual(GOAL_SECONDS * capacityPerSecond);
  expect(flood.peakDepth).toBeGreaterThan(GOAL_SECONDS * capacityPerSecond);
});
