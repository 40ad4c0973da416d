import { describe, expect, it, vi } from 'vitest';
import { limitsOf } from '../../../functions/runtime/agent/limits-of.ts';
import { fakeContext } from '../../../testing/fake-context.ts';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Calls that run until they are ended by name. */
function calls(limits = limitsOf({})) {
  const running: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const call = (name: string, { max = 2, signal = never, of = 'llm' } = {}) =>
    limits.run(of, max, signal, () => {
      running.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    });
  return {
    running,
    call,
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string, error: Error) => ends.get(name)?.reject(error),
  };
}

describe('Calls with a limit', () => {
  it('run so many at the same time, the others in the order in which they came', async () => {
    const { running, call, end } = calls();
    const results = ['a', 'b', 'c', 'd'].map((name) => call(name));

    await settled();
    expect(running).toEqual(['a', 'b']);
    end('b');
    await settled();
    // One that comes now does not overtake the one that waits.
    results.push(call('e'));
    await settled();
    expect(running).toEqual(['a', 'b', 'c']);
    for (const name of ['c', 'a', 'd', 'e']) {
      end(name);
      await settled();
    }

    expect(running).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('have a limit for each name', async () => {
    const { running, call } = calls();
    void call('a', { max: 1 });
    void call('b', { max: 1, of: 'database' });

    await settled();
    expect(running).toEqual(['a', 'b']);
  });

  it.each(['throws', 'rejects'])('give their turn back when the work %s', async (how) => {
    const limits = limitsOf({});
    const failure = new Error('no answer');
    const failing = limits.run('llm', 1, never, () => {
      if (how === 'throws') throw failure;
      return Promise.reject(failure);
    });

    await expect(failing).rejects.toBe(failure);
    expect(await limits.run('llm', 1, never, () => 'next')).toBe('next');
  });

  it('stop waiting with the reason of the signal, and take no turn', async () => {
    const { running, call, end } = calls();
    const time = new AbortController();
    const reason = new Error('time is up');
    const results = [call('a', { max: 1 }), call('b', { max: 1, signal: time.signal }), call('c', { max: 1 })];

    await settled();
    time.abort(reason);
    await expect(results[1]).rejects.toBe(reason);
    end('a');
    await settled();

    expect(running).toEqual(['a', 'c']);
    await expect(call('d', { max: 1, signal: time.signal })).rejects.toBe(reason);
  });

  it('give their turn back once, when the signal aborts while they hang and when they end after that', async () => {
    const { running, call, end } = calls();
    const time = new AbortController();
    const hanging = call('hangs', { max: 1, signal: time.signal });
    const others = [call('a', { max: 1 }), call('b', { max: 1 })];

    await settled();
    time.abort(new Error('time is up'));
    await settled();
    expect(running).toEqual(['hangs', 'a']);
    end('hangs');
    expect(await hanging).toBe('hangs');
    await settled();
    expect(running).toEqual(['hangs', 'a']);
    end('a');
    await settled();

    expect(running).toEqual(['hangs', 'a', 'b']);
    end('b');
    expect(await Promise.all(others)).toEqual(['a', 'b']);
  });

  it('that get their turn as the signal aborts give it to the next', async () => {
    const { running, call, end } = calls();
    const time = new AbortController();
    const reason = new Error('time is up');
    void call('a', { max: 1 });
    const late = call('late', { max: 1, signal: time.signal });
    void call('c', { max: 1 });

    await settled();
    end('a');
    // Before the one that was given the turn has noticed.
    await Promise.resolve();
    time.abort(reason);

    await expect(late).rejects.toBe(reason);
    await settled();
    expect(running).toEqual(['a', 'c']);
  });

  it('leave no listener on the signal, and warn of none', async () => {
    const limits = limitsOf({});
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const warned: unknown[] = [];
    const warn = (warning: unknown) => void warned.push(warning);
    process.on('warning', warn);

    await Promise.all(Array.from({ length: 50 }, () => limits.run('llm', 20, signal, settled)));
    await settled();
    process.off('warning', warn);

    expect(added.mock.calls.length).toBeGreaterThanOrEqual(50);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    expect(warned).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, JSON.parse('"4"'), undefined])(
    'are refused with the limit %s',
    async (max) => {
      await expect(limitsOf({}).run('llm', max, never, () => 1)).rejects.toMatchObject({
        code: 'InvalidLimit',
        message: `context.limit: 'llm' has ${max} calls: give a whole number from 1`,
      });
    },
  );

  it('are refused if one name has two limits, also when none runs', async () => {
    const limits = limitsOf({});
    await limits.run('llm', 4, never, () => 1);

    await expect(limits.run('llm', 5, never, () => 1)).rejects.toMatchObject({
      code: 'InvalidLimit',
      message: "context.limit: 'llm' has 5 calls here and 4 elsewhere: give one number",
    });
    expect(await limits.run('llm', 4, never, () => 2)).toBe(2);
  });

  it('of thousands of names are forgotten once they have ended, but not while they run', async () => {
    const limits = limitsOf({});
    const end = Promise.withResolvers<string>();
    const running = limits.run('busy', 1, never, () => end.promise);
    for (let nth = 0; nth < 1_000; nth++) await limits.run(`message ${nth}`, 1, never, () => nth);

    // It was forgotten: otherwise another limit would be refused.
    expect(await limits.run('message 0', 2, never, () => 'again')).toBe('again');
    await expect(limits.run('busy', 2, never, () => 'second')).rejects.toMatchObject({ code: 'InvalidLimit' });
    end.resolve('first');
    expect(await running).toBe('first');
  });

  it('are counted for each process by itself', () => {
    const process = {};

    expect(limitsOf(process)).toBe(limitsOf(process));
    expect(limitsOf(process)).not.toBe(limitsOf({}));
  });

  it('have the same turns in a fake context', async () => {
    const time = new AbortController();
    const context = fakeContext({ signal: time.signal });
    const llm = context.limit('llm', 1);
    const hanging = Promise.withResolvers<string>();

    const first = llm(() => hanging.promise);
    const second = llm(() => 'second');
    await settled();
    time.abort(new Error('time is up'));
    hanging.resolve('first');

    expect(await first).toBe('first');
    await expect(second).rejects.toThrow('time is up');
    await expect(fakeContext().limit('llm', 0)(() => 1)).rejects.toMatchObject({ code: 'InvalidLimit' });
  });
});
