import { expect, test } from 'vitest';
import { bringInLine } from '../../../functions/services/registry/bring-in-line.ts';
import { Runs } from '../../../functions/services/registry/runs.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { agentOf } from './registrations.ts';

const AT = Date.parse('2026-11-26T12:00:00Z');
const eventAt = (ms: number) => ({ source: 'aws.ssm', time: new Date(AT + ms).toISOString().replace(/\.\d+Z$/, 'Z') });

/** A process of the registry's service, and when it ran. */
function startService() {
  const registry = new MemoryRegistry();
  const world = { now: AT, runs: [] as number[], fails: false, registry };
  const run = async () => {
    world.runs.push(world.now - AT);
    // A run takes a second.
    world.now += 1_000;
    if (world.fails) throw new Error('throttled');
    return await bringInLine(registry.ports());
  };
  return { world, runs: new Runs(run, () => world.now) };
}

test('a hundred agents that are deployed together need three runs, and all are registered', async () => {
  const { world, runs } = startService();
  const events = Array.from({ length: 100 }, (_, nth) => {
    world.registry.declare(`/posthorn/dev/mesh/agents/agent-${nth}`, agentOf(`agent-${nth}`));
    return eventAt(nth * 9);
  });
  for (const event of events) await runs.after(event);

  expect(world.runs).toEqual([0, 1_000, 2_000]);
  expect(Object.keys(world.registry.values)).toHaveLength(200);
});

test('a change after the last run is never left out, nor one that may be as old as it', async () => {
  const { world, runs } = startService();
  for (const [ms, now] of [
    [0, 500],
    [1_000, 3_000],
    [1_000, 4_500],
    [2_000, 4_500],
    [9_999, 20_000],
  ] as const) {
    world.now = AT + now;
    await runs.after(eventAt(ms));
  }

  // The second 1 is before the run at 3,000, with two seconds between them; the second 2 may not be.
  expect(world.runs).toEqual([500, 3_000, 4_500, 20_000]);
});

test('a run that failed stands for no change', async () => {
  const { world, runs } = startService();
  world.now = AT + 10_000;
  world.fails = true;
  await expect(runs.after(eventAt(0))).rejects.toThrow('throttled');
  world.fails = false;
  await runs.after(eventAt(0));
  await runs.after(eventAt(0));

  expect(world.runs).toEqual([10_000, 11_000]);
});

test.each([undefined, {}, { time: 'now' }, { time: 5 }])('an event like %j is one of now', async (event) => {
  const { world, runs } = startService();
  await runs.after(event);
  await runs.after(event);

  expect(world.runs).toEqual([0, 1_000]);
});
