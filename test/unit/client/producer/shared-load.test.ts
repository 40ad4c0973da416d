import { expect, test } from 'vitest';
import { type LoadSource, sharedLoad } from '../../../../client/producer/shared-load.ts';
import type { LoadReading } from '../../../../events/load-reading.ts';

const READING: LoadReading = {
  ...{ at: 0, intervalSeconds: 60, backlog: 0, drainPerSecond: 1, arrivedPerSecond: 1, goalSeconds: 30, isStalled: false },
};

/** Producers of a process, and how many requests they make. */
function producers(credentials = { accessKeyId: 'k', secretAccessKey: 's' }) {
  const state = { now: 0, requests: 0, fails: 0, reading: READING as LoadReading | undefined };
  const read = (of: Partial<LoadSource['connection']> & Partial<Pick<LoadSource, 'agent' | 'table'>> = {}) => {
    const { agent = 'intake', table = 'metrics', ...connection } = of;
    return sharedLoad({
      connection: { credentials, endpoint: 'http://127.0.0.1:4566', region: 'eu-central-1', ...connection },
      ...{ table, agent, now: () => state.now },
      async read() {
        state.requests++;
        if (state.fails-- > 0) throw new Error('an outage');
        return state.reading;
      },
    });
  };
  return { state, read };
}

test('one request an interval serves all producers of a process, and all read again at the same moment', async () => {
  const { state, read } = producers();

  expect(await Promise.all([read(), read(), read()])).toEqual(Array(3).fill({ reading: READING, dueAt: 60_000 }));
  state.now = 59_999;
  expect(await read()).toEqual({ reading: READING, dueAt: 60_000 });
  expect(state.requests).toBe(1);

  state.now = 60_000;
  expect(await Promise.all([read(), read()])).toEqual(Array(2).fill({ reading: READING, dueAt: 120_000 }));
  expect(state.requests).toBe(2);
});

test('an agent that the probe has not seen is looked for again soon', async () => {
  const { state, read } = producers();
  state.reading = undefined;

  expect(await read()).toEqual({ reading: undefined, dueAt: 5_000 });
  state.now = 5_000;
  state.reading = READING;
  expect(await read()).toEqual({ reading: READING, dueAt: 65_000 });
});

test('what belongs to another agent, mesh, place or identity is read by itself', async () => {
  const { state, read } = producers();

  for (const of of [{}, { agent: 'other' }, { table: 'other' }, { region: 'us-east-1' }, { endpoint: undefined }]) await read(of);
  await read({ credentials: { accessKeyId: 'k', secretAccessKey: 's' } });
  await read({ credentials: undefined, region: 'of this test' });

  expect(state.requests).toBe(7);
});

test('the failed request of one fails no other: each that waited for it asks as well, and the first answer serves the rest', async () => {
  const { state, read } = producers();

  state.fails = 1;
  const [first, ...others] = await Promise.allSettled([read(), read(), read()]);
  expect(first).toMatchObject({ status: 'rejected', reason: new Error('an outage') });
  expect(others).toEqual(Array(2).fill({ status: 'fulfilled', value: { reading: READING, dueAt: 60_000 } }));
  expect(state.requests).toBe(2);

  state.now = 60_000;
  state.fails = 3;
  expect((await Promise.allSettled([read(), read(), read()])).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  expect(state.requests).toBe(5);
});
