import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logTo } from '../../../../functions/runtime/aws/powertools-logger.ts';

const written: string[] = [];

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

  it('never throws: an error that is its own cause still leaves a line', () => {
    const error: Error = new Error('its own cause');
    error.cause = error;
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('do not look');
      },
    });

    logger().error('cyclic', { error, code: 'x' });
    logger().error('hostile', { error: hostile });
    logger().info('a big number', { n: 1n });

    expect(lines()).toMatchObject([
      { message: 'cyclic', unloggable: ['error', 'code'] },
      { message: 'hostile', unloggable: ['error'] },
      { message: 'a big number', n: '1' },
    ]);
  });
});
