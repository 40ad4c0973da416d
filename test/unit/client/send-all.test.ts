import { expect, test } from 'vitest';
import { InvalidEventError, NotSentError, type SendResult } from '../../../client/index.ts';
import { sendAll } from '../../../client/send/send-all.ts';
import { collect } from '../../helpers/streams.ts';

const CONCURRENCY = 2;
const prepare = async (item: number) => ({ body: String(item), event: undefined, claimCheck: false });
const taken = async (bodies: readonly string[]) => bodies.map((body) => ({ messageId: `sqs-${body}` }));

async function* numbers(count: number): AsyncGenerator<number> {
  for (let nth = 0; nth < count; nth++) yield nth;
}

/** The results, and what ended the sending. */
async function run(results: AsyncIterable<SendResult<number>>) {
  const seen: SendResult<number>[] = [];
  try {
    for await (const result of results) seen.push(result);
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

const ascending = (one: number, other: number) => one - other;
const itemsOf = (results: readonly SendResult<number>[], status?: SendResult<number>['status']) =>
  results.filter((result) => status === undefined || result.status === status).map(({ item }) => item);

test('each item has one result; what cannot be prepared or is refused by SQS fails alone', async () => {
  const refused = new NotSentError('was not accepted');
  const invalid = new InvalidEventError('time: is missing');

  const { seen, error } = await run(
    sendAll(numbers(35), {
      prepare: async (item) => {
        if (item === 3) throw invalid;
        return prepare(item);
      },
      deliver: async (bodies) => bodies.map((body) => (body === '7' ? { error: refused } : { messageId: `sqs-${body}` })),
      concurrency: CONCURRENCY,
      signal: undefined,
    }),
  );

  expect(error).toBeUndefined();
  expect(itemsOf(seen).sort(ascending)).toEqual(Array.from({ length: 35 }, (_, nth) => nth));
  expect(seen.filter(({ status }) => status === 'failed').sort((one, other) => one.item - other.item)).toEqual([
    { status: 'failed', item: 3, error: invalid },
    { status: 'failed', item: 7, error: refused, message: { body: '7', event: undefined, claimCheck: false } },
  ]);
  expect(seen.find(({ item }) => item === 20)).toMatchObject({ status: 'sent', messageId: 'sqs-20' });
});

test.each([
  ['while preparing', 'prepare'],
  ['while delivering', 'deliver'],
] as const)('an error that all would meet %s ends it: no item is lost, and the source stays open for the rest', async (_when, where) => {
  const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const source = numbers(500);

  const { seen, error } = await run(
    sendAll(source, {
      prepare: async (item) => {
        if (where === 'prepare' && item === 95) throw gone;
        return prepare(item);
      },
      deliver: async (bodies) => {
        if (where === 'deliver' && bodies.includes('95')) throw gone;
        return taken(bodies);
      },
      concurrency: CONCURRENCY,
      signal: undefined,
    }),
  );
  const rest = await collect(source);

  expect(error).toBe(gone);
  expect(itemsOf(seen, 'unsent')).toContain(95);
  expect(rest.length).toBeGreaterThan(300);
  expect([...itemsOf(seen), ...rest].sort(ascending)).toEqual(Array.from({ length: 500 }, (_, nth) => nth));
});

test('when the signal aborts, requests that are under way are unsent, with their bodies, and nothing more is taken', async () => {
  const controller = new AbortController();
  const source = numbers(500);

  const { seen, error } = await run(
    sendAll(source, {
      prepare,
      deliver: async (bodies) => {
        if (bodies.includes('50')) controller.abort();
        controller.signal.throwIfAborted();
        return taken(bodies);
      },
      concurrency: CONCURRENCY,
      signal: controller.signal,
    }),
  );
  const rest = await collect(source);

  expect(error).toBe(controller.signal.reason);
  expect(seen.find(({ item }) => item === 50)).toMatchObject({ status: 'unsent', message: { body: '50' } });
  expect([...itemsOf(seen), ...rest].sort(ascending)).toEqual(Array.from({ length: 500 }, (_, nth) => nth));
});

test('a queue that does not answer is given no more requests than allowed, and no more is read than they need', async () => {
  let read = 0;
  async function* counted() {
    for (; ; read++) yield read;
  }
  const answer = Promise.withResolvers<void>();
  const stalled = Promise.withResolvers<void>();
  let requests = 0;
  const results = sendAll(counted(), {
    prepare,
    deliver: async (bodies) => {
      if (++requests === CONCURRENCY) stalled.resolve();
      await answer.promise;
      return taken(bodies);
    },
    concurrency: CONCURRENCY,
    signal: undefined,
  });

  const first = results.next();
  await stalled.promise;
  for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();

  expect(requests).toBe(CONCURRENCY);
  expect(read).toBeLessThan(200);
  answer.resolve();
  await first;
  await results.return();
});
