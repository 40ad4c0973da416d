import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeshClient } from '../../../../client/index.ts';
import { meshName } from '../../../../events/names.ts';
import { OWNER_APP, registrationName } from '../../../../events/registration.ts';
import { event, type MeshFixture, newTrace, SOURCE, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';

describe.each(['iam', 'jwt'] as const)('where agents know their senders by %s', (authentication) => {
  let fixture: MeshFixture;
  let client: MeshClient;
  const lines: string[] = [];

  beforeAll(async () => {
    const agentsFolder = join(import.meta.dirname, 'agents');
    fixture = await startMeshFixture({ agentsFolder, authentication }, (line) => lines.push(line));
    client = new MeshClient(fixture.mesh.settings);
    await until('the capability is offered', async () => (await client.findAgents({ capability: 'rating' })).length === 1);
  });
  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await fixture?.[Symbol.asyncDispose]();
  });

  const hopsOf = async (journey: string) =>
    (await fixture.mesh.journey(journey)).map(({ agent, source, state, error }) => [
      agent,
      source,
      state.kind === 'ended' && state.outcome,
      error?.code,
    ]);

  /** The replies in the replies queue to a message. */
  const repliesTo = async (causationId: string) =>
    (await Array.fromAsync(client.replies({ follow: false }))).flatMap(({ envelope }) =>
      envelope?.causationid === causationId ? [envelope] : [],
    );

  test('an agent asks by capability and gets its answer as a message, and neither names the other', async () => {
    const { correlationid } = newTrace();
    await fixture.mesh.send('asking', [event({ text: 'abc' }, { correlationid })]);
    const answered = await until('the answer', async () => {
      const hops = await fixture.mesh.journey(correlationid);
      return hops.find(({ agent, source, state }) => agent === 'asking' && source === '/agents/rating-v1' && state.kind === 'ended');
    });
    const [record] = await fixture.mesh.records([answered.messageKey]);

    expect(await hopsOf(correlationid)).toEqual([
      ['asking', SOURCE, 'processed', undefined],
      ['rating-v1', '/agents/asking', 'processed', undefined],
      ['asking', '/agents/rating-v1', 'processed', undefined],
    ]);
    expect(record).toMatchObject({
      result: { stars: 3, from: 'agent:rating-v1' },
      access: { principal: 'agent:rating-v1', action: 'reply', rule: 'receivesReplies' },
    });
  });

  test('a producer may have an agent answer to another', async () => {
    const sent = event({ text: 'abcd' }, { replyto: 'asking' });
    await fixture.mesh.send('rating-v1', [sent]);
    const { outbox } = await fixture.mesh.outcomeOf('rating-v1', SOURCE, sent.id);
    const reply = JSON.parse(outbox?.[0]?.body ?? '');

    expect(await fixture.mesh.outcomeOf('asking', '/agents/rating-v1', reply.id)).toMatchObject({ result: { stars: 4 } });
  });

  test.each(['listening', 'nobody'])(
    'a reply to an agent that receives none goes to the replies queue, and is logged: %s',
    async (replyto) => {
      const sent = event({ text: 'ab' }, { replyto });
      const sqsIds = await fixture.mesh.send('rating-v1', [sent]);
      await fixture.acknowledged(sqsIds);

      expect((await repliesTo(sent.id)).map(({ data }) => data)).toEqual([{ stars: 2 }]);
      expect(await fixture.mesh.depth(`posthorn-dev-${replyto === 'nobody' ? 'rating-v1' : replyto}-inbox`)).toBe(0);
      expect(lines).toContainEqual(expect.stringContaining(`agent '${replyto}' is not among those that this one sends to`));
    },
  );

  test('a reply whose type is not that of one is refused by the agent that it goes to', async () => {
    const sent = event({ text: 'a', type: 'text.rated' }, { replyto: 'asking' });
    await fixture.mesh.send('rating-v1', [sent]);
    const { outbox } = await fixture.mesh.outcomeOf('rating-v1', SOURCE, sent.id);
    const { correlationid } = JSON.parse(outbox?.[0]?.body ?? '');

    await until('the refusal', async () =>
      (await hopsOf(correlationid)).some(([agent, , , code]) => agent === 'asking' && code === 'Forbidden'),
    );
  });

  test('posthorn policy says who may reply', async () => {
    const { endpoint, region } = fixture.cloud;
    const ask = (...args: readonly string[]) => posthorn(['policy', ...args, '--endpoint-url', endpoint, '--region', region]);

    expect((await ask('explain', 'agent:rating-v1', 'asking', 'rating-v1.reply')).stdout).toContain('receivesReplies');
    expect(await ask('explain', 'agent:rating-v1', 'asking')).toMatchObject({ code: 1 });
    expect(await ask('explain', 'agent:rating-v1', 'listening', 'reply')).toMatchObject({ code: 1 });
    expect((await ask('matrix')).stdout).toMatch(/^asking +agent:\* +reply +receivesReplies$/m);
  });

  test('an agent that receives replies no more is answered in the replies queue', async () => {
    const name = registrationName(meshName(), OWNER_APP, 'agents', 'asking');
    const closed = {
      ...{ id: 'asking', version: '1.0.1', capabilities: ['asking'], ...(await roleOf('asking')), queue: 'posthorn-dev-asking-inbox' },
      ...{ calls: [], callsCapabilities: ['rating'], receivesReplies: false, authentication, actions: {} },
    };
    fixture.cloud.putParameter(name, JSON.stringify(closed));
    await until('the registry knows', async () => (await client.access('rating-v1'))?.repliesTo === undefined);

    // A process goes on with the record that it has for ten seconds.
    await until('the replies queue gets the reply', async () => {
      const sent = event({ text: 'abcde' }, { replyto: 'asking' });
      await fixture.acknowledged(await fixture.mesh.send('rating-v1', [sent]));
      return (await repliesTo(sent.id)).length > 0;
    });
  });

  const roleOf = async (id: string) => {
    const access = await client.access('rating-v1');
    const [roleId = '', principal] = Object.entries(access?.principals ?? {}).find(([, { name }]) => name === `agent:${id}`) ?? [];
    return { roleId, roleArn: principal?.arn ?? '' };
  };
});
