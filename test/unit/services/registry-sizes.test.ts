import { beforeEach, expect, test } from 'vitest';
import type { RegistryItem } from '../../../events/registry.ts';
import { bringInLine, UnwrittenItemsError } from '../../../functions/services/registry/bring-in-line.ts';
import { MAX_ACCESS_BYTES } from '../../../functions/services/registry/fit-access.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { agentOf, producerOf } from './registrations.ts';

const PATH = '/posthorn/dev';

let registry: MemoryRegistry;
beforeEach(() => {
  registry = new MemoryRegistry();
  registry.declare(`${PATH}/mesh/agents/reading`, agentOf('reading'));
  registry.declare(`${PATH}/mesh/producers/shop`, producerOf('shop'));
});

/** Producers of an app, each as large as one may be. */
function crowd(app: string, count: number): void {
  const sources = Array.from({ length: 16 }, (_, index) => `${index}`.padEnd(50, '-'));
  for (let index = 0; index < count; index++) {
    const principalIds = Array.from({ length: 20 }, (_, principal) => `AROA-${app}-${index}-${principal}`);
    registry.declare(`${PATH}/${app}/producers/${app}-${index}`, producerOf(`${app}-${index}`, { principalIds, sources }));
  }
}

const bytesOf = (key: string) => Buffer.byteLength(registry.table.get(key)?.value ?? '');

test('a record that would be too large is written without the app that has most, which is reported', async () => {
  crowd('small', 2);
  crowd('evil', 25);
  registry.declare(`${PATH}/evil/agents/idle`, agentOf('idle'));
  registry.declare(`${PATH}/small/agents/sorting`, agentOf('sorting'));
  const { ignored } = await bringInLine(registry.ports());

  expect(ignored).toEqual([
    "app 'evil': its senders are left out of the access records of 2 agents (reading, sorting), " +
      `which would come to more than ${MAX_ACCESS_BYTES} bytes with them`,
    "app 'small': its senders are left out of the access records of 1 agents (idle), " +
      `which would come to more than ${MAX_ACCESS_BYTES} bytes with them`,
  ]);
  for (const key of ['access reading', 'access sorting']) {
    expect(bytesOf(key)).toBeLessThanOrEqual(MAX_ACCESS_BYTES);
    const names = Object.values(Object(registry.values[key]).principals).map((principal) => Object(principal).name);
    expect(names).toEqual(
      expect.arrayContaining(['agent:reading', 'producer:shop', 'agent:sorting', 'producer:small-0', 'producer:small-1']),
    );
    expect(names).not.toContain('producer:evil-0');
  }
  // An app can spoil its own agents only.
  expect(bytesOf('access idle')).toBeGreaterThan(MAX_ACCESS_BYTES);
});

test('an item that cannot be written keeps no other from being written, and each is named in the end', async () => {
  registry.declare(`${PATH}/mesh/agents/writing`, agentOf('writing'));
  registry.declare(`${PATH}/zoo/agents/broken`, '{');
  const ports = registry.ports();
  const write = async (item: RegistryItem, expected: number | undefined) => {
    if (item.id === 'reading') throw new Error('too large');
    return await ports.write(item, expected);
  };
  const failure = await bringInLine({ ...ports, write }).then(undefined, (error: unknown) => error);

  expect(Object.keys(registry.values)).toEqual(['access writing', 'agent writing', 'producer shop']);
  if (!(failure instanceof UnwrittenItemsError)) throw new Error('the run did not fail', { cause: failure });
  expect(failure.message).toBe('2 items of the registry are not in line: agent reading: too large; access reading: too large');
  expect(failure.errors).toHaveLength(2);
  expect(failure.report).toEqual({
    written: ['agent writing', 'access writing', 'producer shop', 'offer reading reading', 'offer writing writing'],
    removed: [],
    ignored: [`${PATH}/zoo/agents/broken: its value must be JSON`],
  });
});

test('an item that cannot be removed keeps no other from being removed', async () => {
  await bringInLine(registry.ports());
  registry.parameters.clear();
  const ports = registry.ports();
  const remove = async (item: RegistryItem) => {
    if (item.kind === 'agent') throw new Error('throttled');
    return await ports.remove(item);
  };

  await expect(bringInLine({ ...ports, remove })).rejects.toThrow('1 items of the registry are not in line: agent reading: throttled');
  expect(Object.keys(registry.values)).toEqual(['agent reading']);
});
