import { beforeEach, describe, expect, test } from 'vitest';
import { bringInLine } from '../../../functions/services/registry/bring-in-line.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { agentOf, producerOf } from './registrations.ts';

const PATH = '/posthorn/dev';
const PACK = `${PATH}/shipping/agents/pack`;
const THIEF = `${PATH}/aaa/agents/pack`;

let registry: MemoryRegistry;
beforeEach(() => {
  registry = new MemoryRegistry();
  registry.declare(`${PATH}/mesh/agents/reading`, agentOf('reading'));
});

const run = async () => await bringInLine(registry.ports());

/** Who has each principal id in the record of the agent `reading`. */
function principals(): unknown {
  const record = Object(registry.values['access reading']);
  return Object.fromEntries(Object.entries(record.principals).map(([id, principal]) => [id, Object(principal).name]));
}

describe('an id', () => {
  test('stays with the app that has it, whatever the name of the app that wants it', async () => {
    registry.declare(PACK, agentOf('pack'));
    await run();
    registry.declare(THIEF, agentOf('pack', { roleId: 'AROATHIEF' }));

    expect(await run()).toEqual({ written: [], removed: [], ignored: [`${THIEF}: ${PACK} has this id already`] });
    expect(registry.values['agent pack']).toMatchObject({ app: 'shipping', roleId: 'AROA-pack' });
    expect(principals()).toEqual({ 'AROA-reading': 'agent:reading', 'AROA-pack': 'agent:pack' });
  });

  test('is the next app’s when the app that has it gives it up', async () => {
    registry.declare(PACK, agentOf('pack'));
    await run();
    registry.declare(THIEF, agentOf('pack', { roleId: 'AROANEXT' }));
    registry.parameters.delete(PACK);

    expect(await run()).toMatchObject({ ignored: [] });
    expect(registry.values['agent pack']).toMatchObject({ app: 'aaa', roleId: 'AROANEXT' });
  });

  test('stays with its app while the parameter is not valid, though nobody is the agent then', async () => {
    registry.declare(PACK, agentOf('pack'));
    await run();
    registry.declare(PACK, '{');
    registry.declare(THIEF, agentOf('pack', { roleId: 'AROATHIEF' }));
    registry.declare(`${PATH}/aaa/agents/other`, agentOf('other', { roleId: 'AROA-pack' }));

    for (const written of [['agent other', 'access other'], []]) {
      const report = await run();
      expect(report.written).toEqual(expect.arrayContaining(written));
      expect(report.ignored).toEqual([
        `${PACK}: its value must be JSON`,
        `${THIEF}: ${PACK} has this id already`,
        `${PATH}/aaa/agents/other: its principal id 'AROA-pack' is that of shipping/agents/pack`,
      ]);
      expect(principals()).toEqual({ 'AROA-reading': 'agent:reading' });
      expect(registry.values).not.toHaveProperty(['access pack']);
    }
    registry.declare(PACK, agentOf('pack'));
    await run();
    expect(principals()).toEqual({ 'AROA-reading': 'agent:reading', 'AROA-pack': 'agent:pack' });
  });

  test('is the owner’s as soon as the owner wants it', async () => {
    registry.declare(PACK, agentOf('pack'));
    await run();
    registry.declare(`${PATH}/mesh/agents/pack`, agentOf('pack', { roleId: 'AROAOWN' }));

    expect(await run()).toMatchObject({ ignored: [`${PACK}: ${PATH}/mesh/agents/pack has this id already`] });
    expect(registry.values['agent pack']).toMatchObject({ app: 'mesh' });
  });

  test('of a producer and of an issuer stays with its app as that of an agent does', async () => {
    const issuer = { id: 'login', issuer: 'https://login.example.com', keys: { jwksUri: 'https://login.example.com/keys' }, senders: [] };
    registry.declare(`${PATH}/shipping/producers/shop`, producerOf('shop'));
    registry.declare(`${PATH}/shipping/issuers/login`, issuer);
    await run();
    registry.declare(`${PATH}/aaa/producers/shop`, producerOf('shop', { principalIds: ['AROATHIEF'] }));
    registry.declare(`${PATH}/aaa/issuers/login`, issuer);

    expect(await run()).toEqual({
      ...{ written: [], removed: [] },
      ignored: [
        `${PATH}/aaa/issuers/login: ${PATH}/shipping/issuers/login has this id already`,
        `${PATH}/aaa/producers/shop: ${PATH}/shipping/producers/shop has this id already`,
      ],
    });
    expect(registry.values).toMatchObject({
      'producer shop': { app: 'shipping', holds: ['AROA-shop'] },
      'issuer login': { app: 'shipping' },
    });
  });
});

describe('a principal id', () => {
  test('of the owner’s producer stays that producer’s, and who claims it is told', async () => {
    registry.declare(`${PATH}/mesh/producers/shop`, producerOf('shop'));
    registry.declare(PACK, agentOf('pack', { roleId: 'AROA-shop' }));

    expect(await run()).toMatchObject({ ignored: [`${PACK}: its principal id 'AROA-shop' is that of mesh/producers/shop`] });
    expect(principals()).toEqual({ 'AROA-reading': 'agent:reading', 'AROA-shop': 'producer:shop' });
    expect(registry.values['agent pack']).toMatchObject({ holds: [] });
  });

  test('stays with the registration that has it, in every run after, and is the next one’s when that goes', async () => {
    registry.declare(`${PATH}/shipping/producers/shop`, producerOf('shop', { principalIds: ['AROA-shop', 'AROA-till'] }));
    await run();
    registry.declare(`${PATH}/aaa/agents/taking`, agentOf('taking', { roleId: 'AROA-till' }));
    const shops = { 'AROA-shop': 'producer:shop', 'AROA-till': 'producer:shop' };
    for (let runs = 0; runs < 3; runs++) {
      expect(await run()).toMatchObject({
        ignored: [`${PATH}/aaa/agents/taking: its principal id 'AROA-till' is that of shipping/producers/shop`],
      });
      expect(principals()).toEqual({ 'AROA-reading': 'agent:reading', ...shops });
    }
    registry.declare(`${PATH}/shipping/producers/shop`, producerOf('shop'));

    expect(await run()).toMatchObject({ ignored: [] });
    expect(principals()).toMatchObject({ 'AROA-shop': 'producer:shop', 'AROA-till': 'agent:taking' });
  });
});
