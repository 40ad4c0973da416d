import { expect, test } from 'vitest';
import { traceLine } from '../../../cli/commands/send/trace-line.ts';
import { resolveSettings } from '../../../cli/settings.ts';

const settings = resolveSettings({ endpointUrl: 'http://127.0.0.1:4566' }, {});

test('the command that follows an event has its id, and its source unless that is the default', () => {
  expect(traceLine({ id: 'order 1', source: '/posthorn/cli' }, settings)).toBe(
    "npx posthorn trace 'order 1' --endpoint-url http://127.0.0.1:4566",
  );
  expect(traceLine({ id: 'order-1', source: '/shop' }, settings)).toContain(' trace order-1 --source /shop ');
});

test('there is no command for an id that a terminal would not show as it is', () => {
  expect(traceLine({ id: 'order-\u20281', source: '/shop' }, settings)).toBeUndefined();
});
