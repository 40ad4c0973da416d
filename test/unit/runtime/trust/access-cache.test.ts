import { expect, test } from 'vitest';
import type { AccessRecord } from '../../../../events/access-record.ts';
import { AccessCache } from '../../../../functions/runtime/trust/access-cache.ts';
import { ManualClock } from '../../../helpers/memory-ports.ts';

/** A registry that answers when the test says so. */
function slowRegistry() {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const asked: { readonly consistent: boolean; answer(actions: Readonly<Record<string, string>>): void; fail(): void }[] = [];
  const cache = new AccessCache('testing', {
    registry: {
      readAccess: (_agent, consistent) => {
        const { promise, resolve, reject } = Promise.withResolvers<AccessRecord>();
        asked.push({
          consistent,
          answer: (actions) => resolve({ agent: 'testing', actions: { ...actions }, principals: {}, tokenHolders: [], issuers: [] }),
          fail: () => reject(new Error('down')),
        });
        return promise;
      },
    },
    clock,
    logger: { warn: (message) => void warnings.push(message) },
  });
  return { clock, cache, asked, warnings };
}

test('messages that need a record share a read', async () => {
  const { cache, asked } = slowRegistry();

  const both = Promise.all([cache.current(), cache.current()]);
  asked[0]?.answer({ a: 'b' });

  expect((await both).map(({ actions }) => actions)).toEqual([{ a: 'b' }, { a: 'b' }]);
  expect(asked).toHaveLength(1);
});

test('a refusal does not rest on a read that began more than a second ago: it may not show what was registered since', async () => {
  const { clock, cache, asked } = slowRegistry();
  const early = cache.certain();
  clock.advance(1_000);

  const late = cache.certain();
  asked[1]?.answer({ new: 'record' });
  asked[0]?.answer({ old: 'record' });

  expect((await late).actions).toEqual({ new: 'record' });
  expect((await early).actions).toEqual({ old: 'record' });
  expect((await cache.current()).actions).toEqual({ new: 'record' });
  expect(asked.map(({ consistent }) => consistent)).toEqual([true, true]);
});

test('a refusal does not rest on a read that may show an older state', async () => {
  const { clock, cache, asked } = slowRegistry();
  const first = cache.current();
  asked[0]?.answer({});
  await first;
  clock.advance(10_000);
  await cache.current();
  asked[1]?.answer({ stale: 'record' });
  await cache.idle();

  const certain = cache.certain();
  asked[2]?.answer({ certain: 'record' });

  expect((await certain).actions).toEqual({ certain: 'record' });
  expect(asked.slice(1).map(({ consistent }) => consistent)).toEqual([false, true]);
});

test('a read beside the work that fails is in the log, and the last record is used', async () => {
  const { clock, cache, asked, warnings } = slowRegistry();
  const first = cache.current();
  asked[0]?.answer({ last: 'record' });
  await first;
  clock.advance(10_000);
  await cache.current();
  asked[1]?.fail();
  await cache.idle();

  expect((await cache.current()).actions).toEqual({ last: 'record' });
  expect(asked).toHaveLength(2);
  expect(warnings).toEqual(['the access record could not be read again; the last one is used']);
});
