import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { connectionFailure } from '../../../functions/runtime/failure/connection-failure.ts';

const portSchema = z.object({ port: z.number() });

/** What `fetch` throws. */
async function fetchError(url: string): Promise<unknown> {
  return fetch(url).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('a refused connection of fetch is named with address and port, and nothing of the URL else', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = portSchema.parse(server.address());
  await new Promise((closed) => server.close(closed));

  const error = await fetchError(`http://127.0.0.1:${port}/path?token=secret`);

  expect(error).toMatchObject({ message: 'fetch failed' });
  expect(connectionFailure(error)).toBe(`ECONNREFUSED 127.0.0.1:${port}`);
});

test('a connection that the peer closes is named with address and port', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = portSchema.parse(server.address());

  const error = await fetchError(`http://127.0.0.1:${port}/`);
  server.close();

  expect(connectionFailure(error)).toBe(`UND_ERR_SOCKET 127.0.0.1:${port}`);
});

const systemError = (properties: object, cause?: unknown) => Object.assign(new Error('x', { cause }), properties);

test.each([
  ['a host without an address', systemError({ code: 'ENOTFOUND', hostname: 'pay.example.com' }), 'ENOTFOUND pay.example.com'],
  ['IPv6', systemError({ code: 'ECONNREFUSED', address: '::1', port: 80 }), 'ECONNREFUSED [::1]:80'],
  [
    'the first of several addresses',
    new AggregateError([systemError({ code: 'ECONNREFUSED', address: '10.0.0.1', port: 1 })]),
    'ECONNREFUSED 10.0.0.1:1',
  ],
  [
    'the innermost cause',
    systemError({ code: 'OUTER', address: 'a' }, systemError({}, systemError({ code: 'ETIMEDOUT', address: 'b' }))),
    'ETIMEDOUT b',
  ],
  [
    'what undici only says in words',
    systemError({ code: 'UND_ERR_CONNECT_TIMEOUT', message: 'Connect Timeout Error (attempted address: a.example:443, timeout: 10000ms)' }),
    'UND_ERR_CONNECT_TIMEOUT a.example:443',
  ],
])('%s', (_what, error, expected) => {
  expect(connectionFailure(error)).toBe(expected);
});

test.each([undefined, null, 'text', new Error('a bug'), systemError({ code: 'ENOENT', path: '/a' }), { code: 7 }])(
  '%s is none',
  (thrown) => {
    expect(connectionFailure(thrown)).toBeUndefined();
  },
);

test('neither a cycle of causes nor a hostile object is looked at for ever', () => {
  const cycle = new Error('cycle');
  cycle.cause = cycle;
  const hostile = new Proxy(new Error('x'), {
    get() {
      throw new Error('no');
    },
  });

  expect(connectionFailure(cycle)).toBeUndefined();
  expect(connectionFailure(hostile)).toBeUndefined();
});
