import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidEventError, NotSentError } from '../../../../client/index.ts';
import { FixedPacing } from '../../../../client/producer/fixed-pacing.ts';
import { GovernedPacing, type GovernedPacingPorts } from '../../../../client/producer/governed-pacing.ts';
import { Lane, type LaneOptions, type LanePorts } from '../../../../client/producer/lane.ts';
import { MAX_MESSAGE_BYTES } from '../../../../events/envelope.ts';
import type { LoadReading } from '../../../../events/load-reading.ts';
import { settled, VirtualClock } from './virtual-clock.ts';

const readingOf = (at: number, rest: Partial<LoadReading> = {}): LoadReading => ({
  ...{ at, intervalSeconds: 60, backlog: 0, drainPerSecond: 0, arrivedPerSecond: 0, capacityPerSecond: 500, busyShare: 0 },
  ...{ goalSeconds: 1, isStalled: false },
  ...rest,
});

interface Setup extends Partial<Omit<LaneOptions, 'pacing'>> {
  readonly lingerMs?: number;
  /** Of a pacing that is fixed. */
  readonly ratePerSecond?: number;
}

/** A lane in virtual time, governed if there is something to read. A request takes 20 ms. */
function laneOf(
  { lingerMs = 5, ratePerSecond, ...options }: Setup = {},
  { read, ...ports }: Partial<LanePorts> & Partial<Pick<GovernedPacingPorts, 'read'>> = {},
) {
  const clock = new VirtualClock();
  const requests: { readonly at: number; readonly bodies: readonly string[] }[] = [];
  const failures: unknown[] = [];
  const governed = (known: GovernedPacingPorts['read']) =>
    new GovernedPacing({
      read: known,
      readFailed: (error) => void failures.push(error),
      isNeeded: () => lane.waiting > 0,
      now: clock.now,
      after: (delayMs, callback) => clock.after(delayMs, callback, false),
    });
  const fixed = ratePerSecond === undefined ? undefined : new FixedPacing(ratePerSecond, clock.now);
  const pacing = read === undefined ? fixed : governed(read);
  const lane: Lane = new Lane(
    {
      open: async () => undefined,
      async deliver(bodies) {
        requests.push({ at: clock.now(), bodies });
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.after(20, resolve);
        await promise;
        return bodies.map((body) => ({ messageId: `sqs-${body}` }));
      },
      bytesOf: async (body) => Buffer.byteLength(body),
      now: clock.now,
      after: clock.after,
      ...ports,
    },
    { concurrency: 8, pacing, ...options },
  );
  const begin = clock.now();
  return {
    ...{ lane, clock, requests, failures },
    /** Milliseconds since the beginning, and the messages of each request. */
    sent: () => requests.map(({ at, bodies }) => [at - begin, bodies.length]),
    count: () => requests.reduce((sum, { bodies }) => sum + bodies.length, 0),
    /** Sends so many, and keeps what they came to. */
    give(count: number, signal?: AbortSignal) {
      return Array.from({ length: count }, (_, nth) =>
        lane.send(String(nth), lingerMs, signal).then(
          (id) => id,
          (error: unknown) => error,
        ),
      );
    },
  };
}

describe('The requests of a lane', () => {
  test('are what SQS takes, in order, and nothing is lost', async () => {
    const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: MAX_MESSAGE_BYTES }));
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (sizes, concurrency) => {
        const lingerMs = 5;
        const { lane, clock, requests } = laneOf({ concurrency }, { bytesOf: async (body) => sizes[Number(body)] ?? 0 });
        const sent = sizes.map((_, nth) => lane.send(String(nth), lingerMs, undefined));
        await clock.advance(10_000);

        for (const { bodies } of requests) {
          expect(bodies.length).toBeLessThanOrEqual(10);
          expect(bodies.reduce((sum, body) => sum + (sizes[Number(body)] ?? 0), 0)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        }
        expect(requests.flatMap(({ bodies }) => bodies)).toEqual(sizes.map((_, nth) => String(nth)));
        expect(await Promise.all(sent)).toEqual(sizes.map((_, nth) => `sqs-${nth}`));
      }),
      { numRuns: 100 },
    );
  });

  test('wait a little for further messages, unless they are full', async () => {
    const { clock, give, sent } = laneOf();
    give(3);
    await clock.advance(4);
    expect(sent()).toEqual([]);
    give(2);
    await clock.advance(1);
    expect(sent()).toEqual([[5, 5]]);
    give(12);
    await clock.advance(0);
    expect(sent().slice(1)).toEqual([[5, 10]]);
    await clock.advance(5);
    expect(sent().slice(2)).toEqual([[10, 2]]);
  });

  test('are full with fewer messages where there will be no more of them', async () => {
    const { clock, give, sent } = laneOf({ fullAt: 3, lingerMs: 1_000 });
    give(4);
    await clock.advance(0);
    expect(sent()).toEqual([[0, 3]]);
  });

  test('are so many at the same time, and no more', async () => {
    const { clock, give, sent } = laneOf({ concurrency: 2 });
    give(50);
    await clock.advance(0);
    expect(sent()).toEqual([
      [0, 10],
      [0, 10],
    ]);
    await clock.advance(20);
    expect(sent().length).toBe(4);
    await clock.advance(20);
    expect(sent().length).toBe(5);
  });

  test('begin without waiting when the lane is flushed', async () => {
    const { lane, clock, give, sent } = laneOf({ lingerMs: 1_000 });
    const done = Promise.withResolvers<void>();
    give(3);
    await settled();
    void lane.flushUntil(done.promise);
    await settled();
    expect(sent()).toEqual([[0, 3]]);
    give(2);
    await clock.advance(0);
    expect(sent().slice(1)).toEqual([[0, 2]]);
    done.resolve();
    await settled();
    give(1);
    await clock.advance(999);
    expect(sent()).toHaveLength(2);
  });

  test('may be refused as a whole or in part: each message has its own result', async () => {
    const gone = new Error('connect ECONNREFUSED');
    const refused = new NotSentError('was not accepted by SQS');
    const answers = [
      async () => Promise.reject(gone),
      async () => [{ messageId: 'one' }, { error: refused }],
      async () => [{ messageId: 'alone' }],
    ];
    const { clock, give } = laneOf({}, { deliver: () => (answers.shift() ?? expect.fail)() });
    for (const expected of [
      [gone, gone],
      ['one', refused],
      ['alone', new TypeError('a delivery has a result for each body')],
    ]) {
      const results = give(2);
      await clock.advance(5);
      expect(await Promise.all(results)).toEqual(expected);
    }
  });

  test('do not have a message that is too large; it fails alone', async () => {
    const { clock, give } = laneOf({}, { bytesOf: async (body) => (body === '1' ? MAX_MESSAGE_BYTES + 1 : 1) });
    const results = give(3);
    await clock.advance(25);
    expect(await Promise.all(results)).toEqual([
      'sqs-0',
      new InvalidEventError(`is ${MAX_MESSAGE_BYTES + 1} bytes with its attributes, SQS takes ${MAX_MESSAGE_BYTES}: make it shorter`),
      'sqs-2',
    ]);
  });
});

test('a reading with an interval that is none makes no hot loop', async () => {
  for (const intervalSeconds of [0, -1, 1e-9, 1e12]) {
    let reads = 0;
    const { clock, give } = laneOf({}, { read: async () => readingOf(clock.now(), { intervalSeconds, busyShare: Math.min(0, ++reads) }) });
    give(10_000);
    await clock.advance(10_000);
    expect(reads).toBeLessThanOrEqual(11);
  }
});

test('after a pause in which the readings fail it goes on with the last one', async () => {
  const gone = new Error('gone');
  let reads = 0;
  const { lane, clock, give, failures, count } = laneOf(
    {},
    {
      read: async () => {
        if (++reads > 1) throw gone;
        return readingOf(clock.now());
      },
    },
  );
  give(1);
  await clock.advance(600_000);
  const results = give(1);
  await clock.advance(25);

  expect(await Promise.all(results)).toEqual(['sqs-0']);
  expect([failures, count(), lane.ratePerSecond]).toEqual([[gone, gone], 2, 50]);
});

test('a message that may not go at once is refused where it would not wait, also one of many at the same time', async () => {
  const { lane, clock, count } = laneOf({ ratePerSecond: 10 });
  const refuse = (waitMs: number) => new Error(`in ${waitMs} ms`);
  const sent = Array.from({ length: 15 }, (_, nth) => lane.send(String(nth), 5, undefined, refuse).catch((error: Error) => error.message));
  await clock.advance(25);

  expect(await Promise.all(sent)).toEqual([...Array.from({ length: 10 }, (_, nth) => `sqs-${nth}`), ...Array(5).fill('in 100 ms')]);
  expect(count()).toBe(10);
});

describe('A signal', () => {
  test('ends the waiting of its message, which is never sent; the others go', async () => {
    const { lane, clock, give, requests } = laneOf();
    const controller = new AbortController();
    const aborted = give(2, controller.signal);
    const other = lane.send('other', 5, undefined);
    await settled();
    controller.abort(new Error('no longer'));
    await clock.advance(25);

    expect(await Promise.all(aborted)).toEqual([new Error('no longer'), new Error('no longer')]);
    expect(await other).toBe('sqs-other');
    expect(requests.map(({ bodies }) => bodies)).toEqual([['other']]);
    expect(await Promise.all(give(1, controller.signal))).toEqual([new Error('no longer')]);
  });

  test('may be that of the whole process: nothing of a message stays with it', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...call: Parameters<typeof add>) => {
      listeners++;
      add(...call);
    };
    signal.removeEventListener = (...call: Parameters<typeof remove>) => {
      listeners--;
      remove(...call);
    };
    const { clock, give } = laneOf();
    const results = give(100, signal);
    await settled();
    expect(listeners).toBe(100);
    await clock.advance(1_000);
    await Promise.all(results);

    expect(listeners).toBe(0);
  });
});

describe('A governed lane', () => {
  test('sends some at once, and then at its pace, in full requests', async () => {
    const { clock, give, count, sent } = laneOf({}, { read: async () => readingOf(1_000_000) });
    give(1_000);
    await clock.advance(0);
    expect(count()).toBe(50);
    await clock.advance(10_000);

    expect(count()).toBe(550);
    expect(new Set(sent().map(([, length]) => length))).toEqual(new Set([10]));
  });

  test('sends in small requests where the agent is slow, and a message alone at once', async () => {
    const { clock, give, sent } = laneOf({}, { read: async () => readingOf(1_000_000, { capacityPerSecond: 2 }) });
    give(1);
    await clock.advance(5);
    expect(sent()).toEqual([[5, 1]]);
    give(4);
    await clock.advance(3_000);
    expect(
      sent()
        .slice(1)
        .every(([, length]) => length === 2),
    ).toBe(true);
  });

  test('reads once for all messages, and again after each interval for as long as there are some', async () => {
    let reads = 0;
    const { clock, give } = laneOf(
      {},
      { read: async () => readingOf(clock.now(), { intervalSeconds: 10, capacityPerSecond: ++reads && 50 }) },
    );
    give(100);
    await clock.advance(9_999);
    expect(reads).toBe(1);
    await clock.advance(1);
    expect(reads).toBe(2);
    await clock.advance(60_000);
    const busy = reads;
    expect(clock.waitedFor).toBe(0);
    await clock.advance(600_000);
    expect(reads).toBe(busy);
    expect(clock.timers).toBe(0);

    give(1);
    await clock.advance(5);
    expect(reads).toBe(busy + 1);
  });

  test('does not send before it knows the load; what cannot be read fails its messages, and the next one asks again', async () => {
    const denied = new Error('denied');
    const answers = [async () => Promise.reject(denied), async () => undefined];
    const { clock, give, count, failures } = laneOf({}, { read: () => (answers.shift() ?? expect.fail)() });
    expect(await Promise.all(give(3))).toEqual([denied, denied, denied]);
    expect(count()).toBe(0);
    // Of an agent that the probe has not seen.
    give(100);
    await clock.advance(1_000);
    expect(count()).toBe(20);
    expect(failures).toEqual([]);
  });

  test('goes on when a later reading fails, says so, and becomes slower and slower', async () => {
    const gone = new Error('gone');
    let reads = 0;
    const read = async () => {
      if (++reads > 1) throw gone;
      return readingOf(clock.now(), { backlog: 10, drainPerSecond: 500, intervalSeconds: 10 });
    };
    const { lane, clock, give, failures, count } = laneOf({}, { read });
    give(3_000);
    await clock.advance(0);
    const first = lane.ratePerSecond ?? 0;
    expect(first).toBe(10);
    await clock.advance(30_000);
    expect([failures.length, new Set(failures)]).toEqual([3, new Set([gone])]);
    expect(lane.ratePerSecond).toBe(first);
    await clock.advance(240_000);

    expect(lane.ratePerSecond).toBe(0.1);
    expect(lane.isBraked).toBe(true);
    const before = count();
    await clock.advance(20_000);
    expect(count() - before).toBeLessThanOrEqual(3);
  });

  test('knows the pressure of what it sends itself before the next reading says so', async () => {
    const { lane, clock, give } = laneOf({}, { read: async () => readingOf(1_000_000, { goalSeconds: 0.2 }) });
    expect([lane.pressure, lane.waitMs, lane.isBraked]).toEqual([0, 0, false]);
    give(200);
    await clock.advance(0);

    expect(lane.pressure).toBe(0.5);
    expect(lane.isBraked).toBe(true);
    // 150 wait, and one more would be sent after them.
    expect(lane.waitMs).toBe(151 * 20);
    lane.close();
    expect(clock.timers).toBe(5);
  });
});

test('a lane with a rate of its own keeps to it, and reads nothing', async () => {
  const { lane, clock, give, count } = laneOf({ ratePerSecond: 20 });
  give(100);
  await clock.advance(2_000);

  // Ten at once, and twenty each second.
  expect(count()).toBe(50);
  expect([lane.ratePerSecond, lane.pressure]).toEqual([20, 0]);
});
