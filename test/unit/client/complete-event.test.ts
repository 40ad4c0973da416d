import { expect, test } from 'vitest';
import { BARE_DATA_TYPE, completeEvent } from '../../../client/send/complete-event.ts';

const defaults = { id: 'new', source: '/here', time: '2026-01-02T03:04:05Z', traceparent: 'trace', type: undefined };

test.each([
  [{ specversion: '1.0' }, { specversion: '1.0', id: 'new', source: '/here', time: defaults.time, traceparent: 'trace' }],
  [
    { id: 'old', data: 1, traceparent: 'own' },
    { specversion: '1.0', id: 'old', source: '/here', time: defaults.time, data: 1, traceparent: 'own' },
  ],
  [{ specversion: '9', 'Not Allowed': 1 }, expect.objectContaining({ specversion: '9', 'Not Allowed': 1 })],
])('%o is an envelope: what it has is kept', (given, event) => {
  expect(completeEvent(given, defaults)).toEqual(event);
});

test.each([[{ total: 7 }], [{ data: 1, total: 7 }], [{ id: 'a', type: 'b' }], [[1]], ['text'], [7], [null], [true]])(
  '%o is bare data',
  (given) => {
    expect(completeEvent(given, defaults)).toMatchObject({
      id: 'new',
      type: BARE_DATA_TYPE,
      datacontenttype: 'application/json',
      data: given,
    });
    expect(completeEvent(given, { ...defaults, type: 'own.type' })).toMatchObject({ type: 'own.type' });
  },
);

test('a tenant is that of events without one', () => {
  const own = { ...defaults, tenant: 'acme' };

  expect(completeEvent({ total: 7 }, own)).toMatchObject({ tenant: 'acme', data: { total: 7 } });
  expect(completeEvent({ specversion: '1.0', data: 1 }, own)).toMatchObject({ tenant: 'acme', data: 1 });
  expect(completeEvent({ data: 1, tenant: 'other' }, own)).toMatchObject({ tenant: 'other', data: 1 });
  expect(completeEvent({ total: 7 }, defaults)).not.toHaveProperty('tenant');
});
