import { afterAll, beforeAll, describe, test } from 'vitest';
import { messageKey } from '../../../events/ledger-record.ts';
import { deadLetterQueueName, inboxName, meshName, repliesQueueName } from '../../../events/names.ts';
import { event, newTrace, SOURCE } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';
import { posthorn } from '../cli/world.ts';
import { describeManyMessages } from './many-messages.ts';

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const visits = (agent: string, id: string) => fixture.control.visits(messageKey(agent, SOURCE, id));
const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id);
const many = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, index) => make(index));
/** What was acknowledged has sent all its messages: when none of them is left downstream, there are no more effects to come. */
const isSettled = async (sqsIds: readonly string[]) => {
  await fixture.acknowledged(sqsIds);
  await until('nothing is left downstream', async () => (await fixture.mesh.depth(inboxName(meshName(), 'counting'))) === 0);
};

describe.concurrent('the same message five times at once', () => {
  test.for(['working', 'claiming'])('has one outcome and its effects once at %s', async (agent, { expect }) => {
    const { mesh } = fixture;
    const { correlationid, traceparent } = newTrace();
    const message = event({ forwards: 2, replies: true }, { correlationid, traceparent });

    const sqsIds = await Promise.all(many(5, () => mesh.send(agent, [message])));
    await isSettled(sqsIds.flat());

    const { outcome, attempts } = await mesh.outcomeOf(agent, SOURCE, message.id);
    expect(outcome).toBe('processed');
    const journey = await mesh.journey(correlationid);
    expect(journey.map((hop) => [hop.agent, hop.outcome]).sort()).toEqual(
      [
        [agent, 'processed'],
        ['counting', 'processed'],
        ['counting', 'processed'],
      ].sort(),
    );
    const replies = await mesh.tap(repliesQueueName(meshName())).waitFor('its reply', 1, ({ body }) => body.includes(message.id));
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    // A handling that misses its deadline, on a machine that has no time for it, is recorded and followed by another.
    if (agent === 'claiming') expect(visits(agent, message.id)).toBe(1 + attempts.filter(({ code }) => code === 'DeadlineExceeded').length);
  });

  test('has one outcome at each agent that it is sent to', async ({ expect }) => {
    const { mesh } = fixture;
    const message = event({});
    const agents = ['working', 'claiming', 'mending'];

    const sqsIds = await Promise.all(many(5, () => agents.map((agent) => mesh.send(agent, [message]))).flat());
    await fixture.acknowledged(sqsIds.flat());

    const outcomes = await Promise.all(agents.map((agent) => mesh.outcomeOf(agent, SOURCE, message.id)));
    expect(outcomes.map(({ agent, outcome }) => [agent, outcome])).toEqual(agents.map((agent) => [agent, 'processed']));
  });

  test('but with other data the second time is a conflict, and the first stands', async ({ expect }) => {
    const { mesh } = fixture;
    const first = event({ replies: true });
    const second = { ...first, data: { replies: false } };

    await mesh.send('working', [first]);
    const before = await mesh.outcomeOf('working', SOURCE, first.id);
    await mesh.send('working', [second]);
    const [copy] = await mesh.tap('posthorn-dev-working-errors').waitFor('the second', 1, ({ body }) => body.includes(first.id));

    expect(copy?.body).toBe(JSON.stringify(second));
    expect(copy?.attributes).toMatchObject({ 'posthorn-code': 'Conflict', 'posthorn-outcome': 'rejected' });
    expect(await mesh.outcomeOf('working', SOURCE, first.id)).toEqual(before);
  });
});

describeManyMessages(() => fixture, { mixed: 200, atOnce: 300 });

describe.concurrent('a dead-lettered message', () => {
  test('is processed once after the bug is mended and an operator has put it back', async ({ expect }) => {
    const { mesh, control, cloud } = fixture;
    const { correlationid, traceparent } = newTrace();
    const events = many(3, () => event({ steps: ['while-broken'], forwards: 1 }, { correlationid, traceparent }));
    const cli = (...args: string[]) => posthorn([...args, '--endpoint-url', cloud.endpoint, '--json']);

    await mesh.send('mending', events);
    const failed = await mesh.outcomesOf('mending', SOURCE, idsOf(events));
    await until('their copies', async () => (await mesh.depth(deadLetterQueueName(meshName(), 'mending'))) === 3);
    const effectsBefore = (await mesh.journey(correlationid)).filter(({ agent }) => agent === 'counting');
    control.isBroken = false;
    const redriven = await cli('dlq', 'redrive', 'mending', '--all', '--yes');
    // An operator who is not sure may do it again: there is nothing left to put back.
    const again = await cli('dlq', 'redrive', 'mending', '--all', '--yes');
    const mended = await Promise.all(idsOf(events).map((id) => mesh.outcomeOf('mending', SOURCE, id, { generation: 1 })));
    // A late duplicate of what was dead-lettered changes nothing any more.
    await isSettled(await mesh.send('mending', events));

    expect(failed.map(({ outcome, error }) => [outcome, error?.code])).toEqual(events.map(() => ['dead-lettered', 'TypeError']));
    expect(effectsBefore).toEqual([]);
    expect([redriven.code, redriven.stdout.trim().split('\n').length, again.code, again.stdout]).toEqual([0, 3, 0, '']);
    expect(mended.map(({ outcome }) => outcome)).toEqual(events.map(() => 'processed'));
    expect(idsOf(events).map((id) => visits('mending', id))).toEqual([2, 2, 2]);
    const journey = await mesh.journey(correlationid);
    expect(journey.filter(({ agent, outcome }) => agent === 'counting' && outcome === 'processed')).toHaveLength(3);
    expect(journey).toHaveLength(6);
    expect(await mesh.depth(deadLetterQueueName(meshName(), 'mending'))).toBe(0);
  });
});

describe.concurrent('a reply', () => {
  test('goes to the replies queue, in the trace and with the correlation of what it answers', async ({ expect }) => {
    const { mesh } = fixture;
    const { traceId, traceparent } = newTrace();
    const message = event({ replies: true }, { traceparent, correlationid: 'case-7', metadata: { language: 'en' }, subject: 'a question' });

    await mesh.send('working', [message]);
    const replies = await mesh.tap(repliesQueueName(meshName())).waitFor('the reply', 1, ({ body }) => body.includes(message.id));

    const reply: unknown = JSON.parse(replies[0]?.body ?? '');
    expect(reply).toMatchObject({
      specversion: '1.0',
      source: '/agents/working',
      type: 'working.reply',
      subject: 'a question',
      correlationid: 'case-7',
      causationid: message.id,
      metadata: { language: 'en' },
      traceparent: expect.stringContaining(traceId),
      data: { parent: message.id },
    });
  });
});
