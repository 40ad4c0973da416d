import { describe, expect, test } from 'vitest';
import { type InboxWait, inboxWait } from '../../../client/inbox/inbox-wait.ts';
import { totalsOf } from '../../../events/metrics-record.ts';
import type { Snapshot } from '../../../events/snapshot.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const NONE = { visible: 0, inFlight: 0, delayed: 0 };

/** What a snapshot has to say: messages that wait, in flight, and all that were received since the agent was deployed. */
type Seen = readonly [visible: number, inFlight?: number, deliveries?: number];

const snapshotOf = ([visible, inFlight = 0, deliveries = 0]: Seen, at: number): Snapshot => ({
  ...{ agent: 'sum', version: '1.0.0', at, concurrency: 10, shards: 1, totals: totalsOf([{ n: deliveries }]), isPaused: false },
  own: { counters: {}, timers: {}, models: {}, overflow: 0 },
  queues: { inbox: { ...NONE, visible, inFlight }, errors: NONE, deadLetters: NONE },
});

/** Of snapshots of each minute, oldest first; the last was taken now. */
async function waitOf(seen: readonly Seen[], { intervalMs = MINUTE, ageMs = 0 } = {}): Promise<InboxWait> {
  const snapshots = seen.map((each, nth) => snapshotOf(each, NOW - ageMs - (seen.length - 1 - nth) * intervalMs));
  async function* newestFirst() {
    yield* snapshots.toReversed();
  }
  return inboxWait(newestFirst(), NOW);
}

const since = (minutes: number, received = 0) => ({ waitingSince: NOW - minutes * MINUTE, receivedSince: received });

describe('how long the oldest message of an inbox waits, by the snapshots', () => {
  test('nothing was received: since the first snapshot in which it waits', async () => {
    expect(await waitOf([[0], [3], [3], [4]])).toMatchObject(since(2));
  });

  test('something was received, but less than waited', async () => {
    // 20 of 80 were handled and 20 are: 40 of those that waited four minutes ago still do.
    expect(await waitOf([[0], [80], [60, 20], [60, 20], [40, 20, 20]])).toMatchObject(since(3, 40));
  });

  test('a busy inbox is never empty, and yet no message waits long', async () => {
    expect(await waitOf(Array.from({ length: 60 }, (_, nth): Seen => [5, 10, 600 * nth]))).toMatchObject(since(0));
  });

  test('messages that are tried again and again hide no message that waits', async () => {
    // Deliveries of retries count as well, so that the oldest is at least so old.
    expect(await waitOf([[50], [50, 0, 10], [50, 0, 20], [50, 0, 30]])).toMatchObject(since(3, 30));
  });

  test('an inbox that was empty in between begins anew', async () => {
    expect(await waitOf([[3], [0], [3], [3]])).toMatchObject(since(1));
  });

  test.each([{}, { intervalMs: 10 * MINUTE, ageMs: 9 * MINUTE }])('nothing waited: there is no time (%o)', async (options) => {
    const wait = await waitOf([[3], [3], [0]], options);

    expect([wait.waitingSince, wait.receivedSince, wait.snapshotsProblem]).toEqual([undefined, undefined, undefined]);
  });

  test('the agent is paused, as the latest snapshot knows', async () => {
    expect((await waitOf([[3]])).isPaused).toBe(false);
  });
});

describe('what the snapshots cannot tell', () => {
  test('there is none', async () => {
    expect(await waitOf([])).toEqual({ snapshotsProblem: 'there is no snapshot of the agent yet' });
  });

  test('the latest is old: the probe does not run', async () => {
    expect(await waitOf([[3], [3]], { ageMs: 4 * MINUTE })).toEqual({
      snapshotsProblem: 'the latest snapshot is 4m old: the log of mesh-probe has the reason',
    });
  });

  test('a latest that is no older than a probe with a longer interval makes it is good', async () => {
    expect(await waitOf([[3], [3]], { intervalMs: 10 * MINUTE, ageMs: 9 * MINUTE })).toMatchObject(since(19));
  });
});
