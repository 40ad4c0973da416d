import pMap from 'p-map';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { messageKey, refusedKey } from '../../../events/ledger-record.ts';
import { deadLetterQueueName, errorQueueName, inboxName, meshName } from '../../../events/names.ts';
import { event } from '../../helpers/mesh-fixture.ts';
import { edKey } from '../../helpers/token-issuer.ts';
import { until } from '../../helpers/until.ts';
import { IdentityProvider } from './trust/identity-provider.ts';
import { GATEWAY, startTokenMesh } from './trust/token-mesh.ts';
import type { Sender, TrustingMesh } from './trust/trusting-mesh.ts';

// Keys of an identity provider that are away, or change. An agent asks for them at most every 30 seconds, and gives a message back for
// up to 15 seconds at first, twice as long each time.

const MESSAGES = 200;

/** A message may be received five times before the keys are asked for again: then its next delay is up to four minutes. */
const PATIENCE = { seconds: 600 };

let absent: IdentityProvider;
let changing: IdentityProvider;
let trusting: TrustingMesh;
let gateway: Sender;

beforeAll(async () => {
  [absent, changing] = await Promise.all([IdentityProvider.start('absent'), IdentityProvider.start('changing')]);
  trusting = await startTokenMesh([absent, changing]);
  gateway = await trusting.as('gateway');
});
afterAll(async () => {
  await trusting[Symbol.asyncDispose]();
  await Promise.all([absent, changing].map((provider) => provider[Symbol.asyncDispose]()));
});

const send = async (agent: string, authorization: string) => {
  const message = event({}, { source: GATEWAY });
  return { id: message.id, sqsId: await gateway.send(agent, message, { authorization }) };
};

/** The record of a message's outcome, under its own key or that of its refusal. */
const ended = ({ id, sqsId }: Awaited<ReturnType<typeof send>>, agent: string) =>
  until(
    `the outcome of ${id}`,
    async () => {
      const records = await trusting.client.records([messageKey(agent, GATEWAY, id), refusedKey(agent, sqsId)]);
      return records.find(({ outcome }) => outcome !== undefined);
    },
    PATIENCE,
  );

const visits = (agent: string, id: string) => trusting.control.visits(messageKey(agent, GATEWAY, id));

/** How often each was received, and given back. */
const givenBack = (sqsIds: readonly string[]) => {
  const counts = new Map(sqsIds.map((id) => [id, 0]));
  for (const { failedMessageIds } of trusting.fixture.invocations)
    for (const id of failedMessageIds) if (counts.has(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts.values()];
};

/** In inbox, error queue and dead-letter queue. */
const depths = (agent: string) =>
  Promise.all([inboxName, errorQueueName, deadLetterQueueName].map((name) => trusting.fixture.mesh.depth(name(meshName(), agent))));

describe.concurrent('the keys of an identity provider', () => {
  test(`are away: ${MESSAGES} messages to an agent that never had them wait, and each is processed once when they are back`, async ({
    expect,
  }) => {
    absent.switchOff();
    // Half of them with a token of their own, as users have; half with one that they share.
    const shared = absent.token('archive');
    const tokens = Array.from({ length: MESSAGES }, (_, nth) => (nth % 2 === 0 ? shared : absent.token('archive')));
    const sent = await pMap(tokens, (token) => send('archive', token), { concurrency: 10 });
    const [ids, sqsIds] = [sent.map(({ id }) => id), sent.map(({ sqsId }) => sqsId)];

    await until('each was given back twice', () => givenBack(sqsIds).every((count) => count >= 2));
    const during = {
      depths: await depths('archive'),
      records: await trusting.fixture.mesh.records(ids.map((id) => messageKey('archive', GATEWAY, id))),
      wasAsked: absent.refused > 0,
    };
    absent.switchOn();
    await until('nothing is left', async () => (await depths('archive'))[0] === 0, PATIENCE);
    const records = await trusting.fixture.mesh.outcomesOf('archive', GATEWAY, ids);

    expect(during).toEqual({ depths: [MESSAGES, 0, 0], records: [], wasAsked: true });
    expect(records.filter(({ outcome, attempts }) => outcome === 'processed' && attempts.length === 0)).toHaveLength(MESSAGES);
    expect(ids.filter((id) => visits('archive', id) === 1)).toHaveLength(MESSAGES);
    expect(await depths('archive')).toEqual([0, 0, 0]);
  });

  test('are replaced at once: the new one counts as soon as the agent may ask again, then the old one is refused', async ({ expect }) => {
    const [old, next] = [edKey('old'), edKey('next')];
    changing.publish(old);
    const token = changing.token('sleeper');
    const before = await send('sleeper', token);
    const first = await ended(before, 'sleeper');

    changing.publish(next);
    const renewed = await send('sleeper', changing.token('sleeper'));
    const second = await ended(renewed, 'sleeper');
    // The same token, which the agent has verified before.
    const withdrawn = await send('sleeper', token);
    const refusal = await ended(withdrawn, 'sleeper');
    const [copy] = await trusting.errorCopies('sleeper', withdrawn.id);

    expect([first, second].map(({ outcome, attempts }) => [outcome, attempts])).toEqual(Array(2).fill(['processed', []]));
    expect(copy?.attributes).toMatchObject({ 'posthorn-code': 'TokenUnknownKey', 'posthorn-outcome': 'rejected' });
    expect(refusal).toMatchObject({ outcome: 'rejected', error: { code: 'TokenUnknownKey' } });
    expect([before, renewed, withdrawn].map(({ id }) => visits('sleeper', id))).toEqual([1, 1, 0]);
  });
});
