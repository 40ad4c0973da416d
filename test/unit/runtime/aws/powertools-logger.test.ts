import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logTo } from '../../../../functions/runtime/aws/powertools-logger.ts';

const written: string[] = [];

const IN_THIS_FILE = /powertools-logger\.test\.ts/;

const refuse = (): never => {
  throw new Error('do not look');
};

beforeEach(() => {
  written.length = 0;
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((line) => void written.push(String(line)));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const logger = () => logTo(new Logger({ serviceName: 'testing', persistentKeys: { agent: 'testing' } }));
const lines = () => written.map((line) => JSON.parse(line));

describe('logTo', () => {
  it('writes an error with its stack and its cause', () => {
    const error = new RangeError('a bug', { cause: new Error('below it', { cause: new TypeError('at the bottom') }) });

    logger().error('unknown error', { error, fingerprint: 'f' });

    expect(lines()).toMatchObject([
      {
        level: 'ERROR',
        message: 'unknown error',
        service: 'testing',
        agent: 'testing',
        fingerprint: 'f',
        error: {
          name: 'RangeError',
          message: 'a bug',
          stack: expect.anything(),
          cause: { name: 'Error', message: 'below it', stack: expect.anything(), cause: { name: 'TypeError', message: 'at the bottom' } },
        },
      },
    ]);
    expect(JSON.stringify(lines()[0].error.stack)).toContain('powertools-logger.test.ts');
  });

  it("keeps each child's fields to itself", () => {
    const parent = logger();
    const [a, b] = [parent.child({ messageId: 'a' }), parent.child({ messageId: 'b', only: 'b' })];

    b.info('of b');
    a.warn('of a');
    parent.info('of none');

    expect(lines()).toMatchObject([{ messageId: 'b', only: 'b' }, { messageId: 'a', agent: 'testing' }, { message: 'of none' }]);
    expect(lines()[1]).not.toHaveProperty('only');
    expect(lines()[2]).not.toHaveProperty('messageId');
  });

  it('writes of an error what it is and where it was thrown, not what it carries', () => {
    const request = { config: { headers: { Authorization: 'Bearer s3cret' } } };
    const plain = Object.assign(new Error('Request failed', { cause: request }), request, { code: 'ERR_BAD_REQUEST' });
    const telling = Object.assign(new Error('Request failed', { cause: plain }), { ...request, toJSON: () => request });

    logger().error('of itself', { error: plain });
    logger().error('by its toJSON', { error: telling });
    logger().error('among others', { settled: [{ status: 'rejected', reason: telling }], byName: { plain } });
    logger().child({ error: telling }).error('in every line');

    expect(written.join()).not.toContain('s3cret');
    const asPlain = { name: 'Error', message: 'Request failed', stack: expect.stringMatching(IN_THIS_FILE), code: 'ERR_BAD_REQUEST' };
    const asTelling = { name: 'Error', message: 'Request failed', stack: expect.stringMatching(IN_THIS_FILE), cause: asPlain };
    expect(lines()).toMatchObject([
      { message: 'of itself', error: asPlain },
      { message: 'by its toJSON', error: asTelling },
      { message: 'among others', settled: [{ status: 'rejected', reason: asTelling }], byName: { plain: asPlain } },
      { message: 'in every line', error: asTelling },
    ]);
  });

  it.each<[string, () => unknown, object]>([
    [
      'is its own cause',
      () => {
        const error = new Error('cyclic');
        error.cause = new Error('below it', { cause: error });
        return error;
      },
      { message: 'cyclic', cause: { message: 'below it', cause: { message: 'cyclic' } } },
    ],
    ['has a cause that is no error', () => new Error('odd', { cause: 'a string' }), { message: 'odd', cause: 'a string' }],
    ['has a property that throws', () => Object.defineProperty(new Error('g'), 'x', { enumerable: true, get: refuse }), { message: 'g' }],
    ['has a toJSON that throws', () => Object.assign(new Error('j'), { toJSON: refuse }), { message: 'j' }],
    ['has a property whose toJSON throws', () => Object.assign(new Error('p'), { x: { toJSON: refuse } }), { message: 'p' }],
    [
      'is a proxy that does not let itself be looked at',
      () => new Proxy(new Error('p'), { get: refuse, getPrototypeOf: refuse, ownKeys: refuse }),
      { name: 'TypeError', cause: { message: 'do not look' } },
    ],
  ])('writes the stack of an error that %s', (_what, thrown, described) => {
    logger().error('unknown error', { error: thrown(), fingerprint: 'f' });

    expect(lines()).toMatchObject([
      { message: 'unknown error', fingerprint: 'f', error: { ...described, stack: expect.stringMatching(/\n\s+at /) } },
    ]);
    expect(lines()[0]).not.toHaveProperty('unloggable');
  });

  it('writes of an error what it lets be read', () => {
    const error = Object.defineProperty(Object.assign(new Error('x'), { code: 'E' }), 'message', { get: refuse });

    logger().error('unknown error', { error });

    expect(lines()).toMatchObject([{ error: { name: 'Error', code: 'E' } }]);
    expect(lines()[0].error).not.toHaveProperty('message');
  });

  it('takes an error in place of fields', () => {
    Reflect.apply(logger().warn, undefined, ['failed', Object.assign(new Error('as fields'), { secret: 's3cret' })]);

    expect(lines()).toMatchObject([{ message: 'failed', error: { message: 'as fields', stack: expect.stringMatching(IN_THIS_FILE) } }]);
    expect(written.join()).not.toContain('s3cret');
  });

  it('replaces values that cannot be logged, and reports it', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.itself = cyclic;

    logger().info('some', { a: 1, error: new Error('kept'), cyclic, hostile: { toJSON: refuse }, list: [1n, new Date(0)] });
    logger().info('a getter', {
      a: 1,
      get b() {
        return refuse();
      },
    });
    logger().info('all', new Proxy({}, { ownKeys: refuse }));

    expect(lines()).toMatchObject([
      { message: 'some', a: 1, error: { message: 'kept' }, list: ['1', '1970-01-01T00:00:00.000Z'], unloggable: ['cyclic', 'hostile'] },
      { message: 'a getter', a: 1, unloggable: ['b'] },
      { message: 'all', unloggable: ['every field'] },
    ]);
  });

  it("replaces a child logger's fields that cannot be logged, and reports it in its lines", () => {
    const child = logger().child({
      a: 1,
      hostile: { toJSON: refuse },
      get b() {
        return refuse();
      },
    });

    child.info('first', { c: 2 });

    expect(lines()).toMatchObject([{ message: 'first', a: 1, c: 2, unloggable: ['hostile', 'b'] }]);
  });

  it.each([
    ['an error', new Error('as a message'), 'as a message'],
    ['a symbol', Symbol('x'), 'symbol'],
    ['nothing', null, 'object'],
  ])('takes %s for a message, though it should be text', (_what, message, expected) => {
    Reflect.apply(logger().info, undefined, [message]);

    expect(lines()).toMatchObject([{ message: expected }]);
  });

  it('takes big numbers', () => {
    logger().info('a big number', { n: 1n });

    expect(lines()).toMatchObject([{ n: '1' }]);
  });
});
