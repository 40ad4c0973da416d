import { expect, test } from 'vitest';
import { InvalidEventError, NotSentError, type SendResult } from '../../../client/index.ts';
import { Lane } from '../../../client/producer/lane.ts';
import type { Delivered } from '../../../client/send/deliver.ts';
import type { PreparedMessage } from '../../../client/send/prepare-event.ts';
import { BULK_LINGER_MS, sendEach } from '../../../client/send/send-each.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { collect } from '../../helpers/streams.ts';

const CONCURRENCY = 2;
const prepare = async (item: number) => ({ body: String(item), event: undefined, claimCheck: false });
const none = async () => 0;
const taken = async (bodies: readonly string[]) => bodies.map((body) => ({ messageId: `sqs-${body}` }));

async function* numbers(count: number): AsyncGenerator<number> {
  for (let nth = 0; nth < count; nth++) yield nth;
}

interface Sending {
  readonly prepare: (item: number) => Promise<PreparedMessage>;
  readonly deliver: (bodies: readonly string[]) => Promise<readonly Delivered[]>;
  readonly attributeBytes: () => Promise<number>;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
}

/** Sends through a lane without a governor, as `MeshClient.sendMany` does. */
function sendAll(items: AsyncIterable<number>, { prepare, deliver, attributeBytes, concurrency, signal }: Sending) {
  const after = (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  };
  const bytesOf = async (body: string) => Buffer.byteLength(body) + (await attributeBytes());
  const ports = { open: async () => undefined, deliver, bytesOf, now: () => Date.now(), after };
  const lane = new Lane(ports, { concurrency });
  const send = ({ body }: PreparedMessage, stopped: AbortSignal) => lane.send(body, BULK_LINGER_MS, stopped);
  const ended = () => void lane.flushUntil(new Promise(() => undefined));
  return sendEach(items, { prepare, send, ended, concurrency: concurrency * 10, signal });
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
      attributeBytes: none,
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
      attributeBytes: none,
    }),
  );
  const rest = await collect(source);

  expect(error).toBe(gone);
  expect(itemsOf(seen, 'unsent')).toContain(95);
  expect(rest.length).toBeGreaterThan(300);
  expect([...itemsOf(seen), ...rest].sort(ascending)).toEqual(Array.from({ length: 500 }, (_, nth) => nth));
});

test('attributes that cannot be had end it; what was prepared is unsent, with its body', async () => {
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException', $fault: 'client' });

  const { seen, error } = await run(
    sendAll(numbers(1), {
      prepare,
      deliver: taken,
      concurrency: CONCURRENCY,
      signal: undefined,
      attributeBytes: () => Promise.reject(throttled),
    }),
  );

  expect(error).toBe(throttled);
  expect(seen).toMatchObject([{ status: 'unsent', item: 0, message: { body: '0' } }]);
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
      attributeBytes: none,
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
    attributeBytes: none,
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

test('a request has room for the attributes of each message; a message that leaves none for its own fails alone', async () => {
  const attributeBytes = 1_000;
  const half = MAX_MESSAGE_BYTES / 2 - attributeBytes;
  const sizes = [half, half, half + 1, half, MAX_MESSAGE_BYTES - attributeBytes, MAX_MESSAGE_BYTES - attributeBytes + 1];
  const requests: number[] = [];

  const { seen, error } = await run(
    sendAll(numbers(sizes.length), {
      prepare: async (item) => ({ body: 'x'.repeat(sizes[item] ?? 0), event: undefined, claimCheck: false }),
      deliver: async (bodies) => {
        requests.push(bodies.reduce((sum, body) => sum + body.length + attributeBytes, 0));
        return taken(bodies);
      },
      concurrency: 1,
      signal: undefined,
      attributeBytes: async () => attributeBytes,
    }),
  );

  expect(error).toBeUndefined();
  expect(Math.max(...requests)).toBe(MAX_MESSAGE_BYTES);
  expect(itemsOf(seen, 'failed')).toEqual([5]);
  expect(seen.find(({ item }) => item === 5)).toMatchObject({
    error: new InvalidEventError(`is ${MAX_MESSAGE_BYTES + 1} bytes with its attributes, SQS takes ${MAX_MESSAGE_BYTES}: make it shorter`),
  });
});

test('a source that fails ends it after the results of what was taken', async () => {
  const broken = new Error('the disk is gone');
  async function* failing() {
    yield* numbers(15);
    throw broken;
  }

  const { seen, error } = await run(
    sendAll(failing(), { prepare, deliver: taken, concurrency: CONCURRENCY, signal: undefined, attributeBytes: none }),
  );

  expect(error).toBe(broken);
  expect(itemsOf(seen, 'sent').sort(ascending)).toEqual(Array.from({ length: 15 }, (_, nth) => nth));
});

test('an item whose preparation never ends does not outlive the signal', async () => {
  const controller = new AbortController();
  const results = run(
    sendAll(numbers(3), {
      prepare: () => new Promise(() => controller.abort(new Error('no longer'))),
      ...{ deliver: taken, concurrency: CONCURRENCY, signal: controller.signal, attributeBytes: none },
    }),
  );

  const { seen, error } = await results;
  expect(error).toEqual(new Error('no longer'));
  expect(itemsOf(seen, 'unsent')).toContain(0);
  expect(itemsOf(seen, 'sent')).toEqual([]);
});
