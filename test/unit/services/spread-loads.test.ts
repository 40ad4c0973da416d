import { expect, test } from 'vitest';
import type { LoadReading } from '../../../events/load-reading.ts';
import { spreadLoads } from '../../../functions/services/probe/spread-loads.ts';

const GOAL_SECONDS = 30;

/** An agent that drains 10 messages a second, and whose messages wait so many goals. */
const waiting = (goals: number, rest: Partial<LoadReading> = {}): LoadReading => ({
  ...{ at: 0, intervalSeconds: 60, backlog: goals * GOAL_SECONDS * 10, drainPerSecond: 10, arrivedPerSecond: 20 },
  ...{ goalSeconds: GOAL_SECONDS, isStalled: false },
  ...rest,
});

function slowestBelow(own: Readonly<Record<string, LoadReading>>, calls: Readonly<Record<string, readonly string[]>>) {
  const loads = spreadLoads(new Map(Object.entries(own)), (agent) => calls[agent] ?? []);
  return Object.fromEntries([...loads].map(([agent, { downstream }]) => [agent, downstream && [downstream.agent, downstream.pressure]]));
}

test('pressure reaches the first agent of a chain', () => {
  const own = { first: waiting(0), second: waiting(1), last: waiting(4) };

  expect(slowestBelow(own, { first: ['second'], second: ['last'] })).toEqual({ first: ['last', 4], second: ['last', 4], last: undefined });
});

test('knows how busy the busiest further down is, in a chain and in a cycle', () => {
  const busy = (busyShare: number | undefined) => waiting(0, { busyShare });
  const shares = (own: Readonly<Record<string, LoadReading>>, calls: Readonly<Record<string, readonly string[]>>) =>
    [...spreadLoads(new Map(Object.entries(own)), (agent) => calls[agent] ?? [])].map(([, load]) => [
      load.busyShare,
      load.busiestDownstream,
    ]);

  const chain = { first: busy(0.1), second: busy(0.4), last: busy(0.9) };
  expect(shares(chain, { first: ['second'], second: ['last'] })).toEqual([
    [0.1, 0.9],
    [0.4, 0.9],
    [0.9, undefined],
  ]);
  expect(shares({ one: busy(0.5), other: busy(undefined) }, { one: ['other'], other: ['one'] })).toEqual([
    [0.5, undefined],
    [undefined, 0.5],
  ]);
});

test('pressure goes round a cycle, and an agent is not its own downstream', () => {
  const own = { one: waiting(3), two: waiting(1), three: waiting(2) };

  expect(slowestBelow(own, { one: ['two'], two: ['three'], three: ['one'] })).toEqual({
    one: ['three', 2],
    two: ['one', 3],
    three: ['one', 3],
  });
  expect(slowestBelow({ one: waiting(3) }, { one: ['one'] })).toEqual({ one: undefined });
});

test('an agent that receives nothing is slower than any other; one of which nothing is known is not counted', () => {
  const unknown = waiting(0, { drainPerSecond: 0, arrivedPerSecond: 0 });
  const own = { first: waiting(0), slow: waiting(9), stopped: waiting(1, { isStalled: true }), unknown };

  expect(slowestBelow(own, { first: ['slow', 'stopped', 'unknown', 'gone'] })).toMatchObject({ first: ['stopped', expect.any(Number)] });
  expect(slowestBelow(own, { first: ['unknown', 'gone'] })).toMatchObject({ first: undefined });
});

test('where nothing waits, the one that can take less more counts', () => {
  const idle = (capacityPerSecond: number) => waiting(0, { capacityPerSecond, arrivedPerSecond: 10 });

  expect(slowestBelow({ first: idle(50), wide: idle(100), narrow: idle(20) }, { first: ['wide', 'narrow'] })).toMatchObject({
    first: ['narrow', 0],
  });
});
