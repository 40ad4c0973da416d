import { beforeEach, describe, expect, test } from 'vitest';

import { bringInLine } from '../../../functions/services/registry/bring-in-line.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { agentOf, producerOf } from './registrations.ts';

const READING = '/posthorn/dev/mesh/agents/reading';
const WRITING = '/posthorn/dev/mesh/agents/writing';

let registry: MemoryRegistry;
beforeEach(() => {
  registry = new MemoryRegistry();
  registry.declare(READING, agentOf('reading'));
});

describe('a run', () => {
  test('writes what the parameters declare: each agent, and who may send to it', async () => {
    registry.declare(WRITING, agentOf('writing', { calls: ['reading'] }));
    const report = await bringInLine(registry.ports());

    const written = [
      'agent reading',
      'access reading',
      'agent writing',
      'access writing',
      'offer reading reading',
      'offer writing writing',
    ];
    expect(report).toEqual({ written, removed: [], ignored: [] });
    expect(registry.values).toMatchObject({
      'agent reading': { ...agentOf('reading'), app: 'mesh' },
      'access reading': { principals: { 'AROA-writing': { grants: { '*': 'sendsTo' } } } },
      'access writing': { principals: { 'AROA-reading': { grants: {} } } },
    });
  });

  test('writes who may use a service of the mesh, for as long as the service is there', async () => {
    registry.declare('/posthorn/dev/mesh/services/mesh-edge', { id: 'mesh-edge' });
    registry.declare('/posthorn/dev/mesh/producers/prometheus', producerOf('prometheus'));
    const members = [{ producer: 'prometheus' }];
    registry.declare('/posthorn/dev/mesh/roles/observer', { id: 'observer', permissions: { 'mesh-edge': ['read'] }, members });
    const report = await bringInLine(registry.ports());

    expect(report).toMatchObject({ written: expect.arrayContaining(['access mesh-edge']), ignored: [] });
    expect(registry.values).toMatchObject({
      'access mesh-edge': {
        agent: 'mesh-edge',
        needsToken: true,
        principals: { 'AROA-prometheus': { grants: { read: 'role:observer' } }, 'AROA-reading': { grants: {} } },
      },
      'access reading': { principals: { 'AROA-prometheus': { grants: {} } } },
    });

    registry.parameters.delete('/posthorn/dev/mesh/services/mesh-edge');
    expect(await bringInLine(registry.ports())).toEqual({ written: [], removed: ['access mesh-edge'], ignored: [] });
  });

  test('keeps the card of an agent in its item, and a new card changes nothing else', async () => {
    const text = { name: 'Reading', description: 'Reads.', tags: [] };
    const card = { endpoint: { kind: 'sqs', url: 'https://sqs.example.com/reading' }, description: 'Reads.', capabilities: [text] };
    await bringInLine(registry.ports());

    registry.declare(READING, agentOf('reading', { card }));
    expect(await bringInLine(registry.ports())).toEqual({ written: ['agent reading'], removed: [], ignored: [] });
    expect(registry.values).toMatchObject({ 'agent reading': { card, app: 'mesh' } });

    // A version that knows no cards, or other ones, takes the agent all the same.
    registry.parameters.set(READING, JSON.stringify({ ...agentOf('reading'), card: { ...card, endpoint: 'elsewhere' } }));
    expect(await bringInLine(registry.ports())).toEqual({ written: ['agent reading'], removed: [], ignored: [] });
    expect(registry.values['agent reading']).toEqual({ ...agentOf('reading'), app: 'mesh', holds: ['AROA-reading'] });
  });

  test('changes nothing where nothing has changed', async () => {
    await bringInLine(registry.ports());
    const { changes } = registry;

    expect(await bringInLine(registry.ports())).toEqual({ written: [], removed: [], ignored: [] });
    expect(registry.changes).toBe(changes);
  });

  test('writes what has changed only', async () => {
    await bringInLine(registry.ports());
    registry.declare(READING, agentOf('reading', { version: '1.1.0' }));

    expect(await bringInLine(registry.ports())).toMatchObject({ written: ['agent reading', 'offer reading reading'], removed: [] });
  });

  test('removes what is no longer declared, also from the records of the others', async () => {
    registry.declare(WRITING, agentOf('writing'));
    await bringInLine(registry.ports());
    registry.parameters.delete(WRITING);

    expect(await bringInLine(registry.ports())).toEqual({
      written: ['access reading'],
      removed: ['agent writing', 'access writing', 'offer writing writing'],
      ignored: [],
    });
    expect(Object.keys(registry.values)).toEqual(['access reading', 'agent reading']);
  });

  test('raises the revision of an item with each change, even of one that was removed in between', async () => {
    const revision = () => registry.table.get('agent reading')?.revision ?? Number.NaN;
    await bringInLine(registry.ports());
    const first = revision();
    registry.parameters.delete(READING);
    await bringInLine(registry.ports());
    registry.declare(READING, agentOf('reading'));
    await bringInLine(registry.ports());

    expect(revision()).toBeGreaterThan(first);
  });
});

describe('a parameter that cannot be used', () => {
  const role = { id: 'reader', permissions: {}, members: [] };

  test.each<[string, string, object | string, string]>([
    ['no JSON', '/posthorn/dev/mesh/agents/broken', '{', 'its value must be JSON'],
    [
      'another form',
      '/posthorn/dev/mesh/agents/broken',
      { ...agentOf('broken'), calls: 'reading' },
      'calls: Invalid input: expected array, received string (it is a string of 7 characters)',
    ],
    ['another id', '/posthorn/dev/mesh/agents/broken', agentOf('other'), "its value has the id 'other'"],
    [
      'an unknown kind',
      '/posthorn/dev/mesh/things/broken',
      {},
      'its name must end with <app>/<agents|producers|roles|issuers|services>/<id>',
    ],
    [
      'a longer name',
      '/posthorn/dev/mesh/roles/reader/two',
      role,
      'its name must end with <app>/<agents|producers|roles|issuers|services>/<id>',
    ],
    [
      "an agent's source",
      '/posthorn/dev/apples/producers/broken',
      producerOf('broken', { sources: ['/agents/reading'] }),
      'sources.0: must be no source of an agent: only agents send as /agents/... (it is a string of 15 characters)',
    ],
    [
      'too many principals',
      '/posthorn/dev/apples/producers/broken',
      producerOf('broken', { principalIds: Array.from({ length: 21 }, (_, index) => `AROA${index}`) }),
      'principalIds: Too big: expected array to have <=20 items (it is an array of 21)',
    ],
    [
      'a service of another app than the owner',
      '/posthorn/dev/apples/services/mesh-edge',
      { id: 'mesh-edge' },
      "only the app that owns the mesh, 'mesh', has services",
    ],
    [
      'a service with the id of an agent',
      '/posthorn/dev/mesh/services/reading',
      { id: 'reading' },
      'id: must begin with mesh- (it is a string of 7 characters)',
    ],
    [
      'an id that another app has',
      '/posthorn/dev/apples/agents/reading',
      agentOf('reading', { roleId: 'AROATHIEF' }),
      `${READING} has this id already`,
    ],
  ])('because of %s is ignored and reported, and the others count', async (_, name, value, sentence) => {
    registry.declare(name, value);
    registry.declare('/posthorn/dev/zoo/agents/last', agentOf('last'));
    const { ignored } = await bringInLine(registry.ports());

    expect(ignored).toEqual([`${name}: ${sentence}`]);
    expect(Object.keys(registry.values)).toEqual(['access last', 'access reading', 'agent last', 'agent reading']);
    expect(registry.values['agent reading']).toMatchObject({ app: 'mesh', roleId: 'AROA-reading' });
  });

  test('does not say what its value is, which may be secret', async () => {
    registry.declare('/posthorn/dev/mesh/agents/broken', { ...agentOf('broken'), version: { password: 'hunter2' } });

    expect(JSON.stringify(await bringInLine(registry.ports()))).not.toContain('hunter2');
  });

  test('is not one for its id alone: apps may have roles of the same name', async () => {
    registry.declare('/posthorn/dev/mesh/roles/reader', role);
    registry.declare('/posthorn/dev/shipping/roles/reader', role);

    expect(await bringInLine(registry.ports())).toMatchObject({ ignored: [] });
  });
});

describe('runs at the same time', () => {
  /** A run that has read everything, and goes on when it is told to. */
  async function slowRun() {
    const read = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const result = bringInLine(
      registry.ports(async () => {
        read.resolve();
        await goOn.promise;
      }),
    );
    await read.promise;
    const end = async () => {
      goOn.resolve();
      return await result;
    };
    return { end };
  }

  const versionOf = () => registry.values['agent reading'];

  test('end with the newest state: a slow one does not overwrite what a later one wrote', async () => {
    await bringInLine(registry.ports());
    registry.declare(READING, agentOf('reading', { version: '2.0.0' }));
    const slow = await slowRun();
    registry.declare(READING, agentOf('reading', { version: '3.0.0' }));
    await bringInLine(registry.ports());

    expect(await slow.end()).toEqual({ written: [], removed: [], ignored: [] });
    expect(versionOf()).toMatchObject({ version: '3.0.0' });
  });

  test('end with the newest state, if the slow one is the first of all', async () => {
    const slow = await slowRun();
    registry.declare(READING, agentOf('reading', { version: '2.0.0' }));
    await bringInLine(registry.ports());
    await slow.end();

    expect(versionOf()).toMatchObject({ version: '2.0.0' });
  });

  test('do not bring back what was removed in between', async () => {
    const slow = await slowRun();
    await bringInLine(registry.ports());
    registry.parameters.delete(READING);
    await bringInLine(registry.ports());
    expect(registry.values).toEqual({});
    await slow.end();

    expect(registry.values).toEqual({});
  });

  test('do not remove what came back in between', async () => {
    await bringInLine(registry.ports());
    registry.parameters.delete(READING);
    const slow = await slowRun();
    await bringInLine(registry.ports());
    registry.declare(READING, agentOf('reading'));
    await bringInLine(registry.ports());
    await slow.end();

    expect(versionOf()).toMatchObject({ version: '1.0.0' });
  });

  test('give up after five conflicts, for the next event or the schedule', async () => {
    let runs = 0;
    const ports = registry.ports();
    const items = async () => {
      runs++;
      return await ports.items();
    };

    await expect(bringInLine({ ...ports, items, write: async () => 'conflict' })).rejects.toThrow(
      'other runs changed the registry during each of 5 attempts',
    );
    expect(runs).toBe(5);
    expect(registry.pauses).toEqual([1, 2, 3, 4]);
  });
});
