import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { awsClientOptions } from '../../../client/aws-client-options.ts';
import { messageKey } from '../../../events/ledger-record.ts';
import { alertTopicName, deadLetterQueueName, meshName, repliesQueueName } from '../../../events/names.ts';
import { event, newTrace, SOURCE } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';
import { until } from '../../helpers/until.ts';

/** Where it dies, who, on being told what, and how often the message is handled then. An agent for each: one crash at a time. */
const DYING = [
  ['before its commit', 'dying-before-commit', 'exit', 2],
  ['after its commit, before it knows of it', 'dying-after-commit', 'exit-after-commit', 1],
  ['after its commit, before it sends', 'dying-before-send', 'exit-before-send', 1],
  ['after it sent, before it acknowledges', 'dying-after-send', 'exit-after-send', 1],
] as const;

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const nine = () => Array.from({ length: 9 }, () => event({}));
const visits = (agent: string, { id }: { readonly id: string }) => fixture.control.visits(messageKey(agent, SOURCE, id));

/** The messages of a journey that came downstream, each counted once however often it was sent. */
const effectsIn = async (correlationid: string) => (await fixture.mesh.journey(correlationid)).filter(({ agent }) => agent === 'counting');

describe.concurrent('a worker that dies', () => {
  test.for(DYING)('%s: the effects are visible once', async ([_point, agent, step, handled], { expect }) => {
    const { mesh, invocations, acknowledged } = fixture;
    const { correlationid, traceparent } = newTrace();
    const message = event({ steps: [step, 'succeed'], forwards: 3, replies: true }, { correlationid, traceparent });

    const [sqsId = ''] = await mesh.send(agent, [message]);
    const received = () => invocations.filter(({ messageIds }) => messageIds.includes(sqsId));
    await until('the worker dies', () => received().some((ended) => ended.outcome === 'crashed'), {
      describe: () => `invocations: ${received().map((ended) => ended.outcome)}, handled ${visits(agent, message)} times`,
    });
    await acknowledged([sqsId]);
    await until(
      'its effects are seen',
      async () => (await effectsIn(correlationid)).filter((hop) => hop.outcome === 'processed').length >= 3,
    );

    const { outcome, result, attempts } = await mesh.outcomeOf(agent, SOURCE, message.id);
    expect(outcome).toBe('processed');
    // On a machine that has no time for it, a handling can also miss its deadline: that is then recorded.
    expect(visits(agent, message)).toBe(handled + attempts.filter(({ code }) => code === 'DeadlineExceeded').length);
    const effects = await effectsIn(correlationid);
    expect(effects).toHaveLength(3);
    const downstream = await mesh.records(effects.map((hop) => hop.messageKey));
    expect(new Set(downstream.map((record) => nonceOf(record.result)))).toEqual(new Set([nonceOf(result)]));
    const replies = await mesh.tap(repliesQueueName(meshName())).waitFor('the reply', 1, ({ body }) => body.includes(message.id));
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    expect(await mesh.depth(deadLetterQueueName(meshName(), agent))).toBe(0);
  });
});

describe.concurrent('a poison message', () => {
  test('that hangs holds none of the nine beside it up: each is handled once, while it still hangs', async ({ expect }) => {
    const { mesh } = fixture;
    const good = nine();
    const hanging = event({ steps: ['hang'] });

    await mesh.send('mending', [...good.slice(0, 4), hanging, ...good.slice(4)]);
    const outcomes = await mesh.outcomesOf(
      'mending',
      SOURCE,
      good.map(({ id }) => id),
    );

    expect(await mesh.records([messageKey('mending', SOURCE, hanging.id)])).toEqual([]);
    expect(outcomes.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(good.map(() => ['processed', 0]));
    expect(good.map((message) => visits('mending', message))).toEqual(good.map(() => 1));
  });

  test('that hangs is retried and dead-lettered', async ({ expect }) => {
    const { mesh } = fixture;
    const hanging = event({ steps: ['hang'] });

    await mesh.send('hanging', [hanging]);
    const poison = await mesh.outcomeOf('hanging', SOURCE, hanging.id);

    expect(poison).toMatchObject({ outcome: 'dead-lettered', error: { code: 'DeadlineExceeded' } });
    expect(poison.attempts).toHaveLength(2);
    const [copy] = await mesh
      .tap(deadLetterQueueName(meshName(), 'hanging'))
      .waitFor('its copy', 1, ({ body }) => body.includes(hanging.id));
    expect(copy?.body).toBe(JSON.stringify(hanging));
    expect(copy?.attributes).toMatchObject({ 'posthorn-code': 'DeadlineExceeded', 'posthorn-attempts': '2', 'posthorn-generation': '0' });
  });

  test('that never gives the processor back is ended by the timeout and dead-lettered; the nine beside it are processed', async ({
    expect,
  }) => {
    const { mesh, invocations } = fixture;
    const good = nine();
    const looping = event({ steps: ['loop'] });

    await mesh.send('looping', [...good.slice(0, 4), looping, ...good.slice(4)]);
    const outcomes = await mesh.outcomesOf(
      'looping',
      SOURCE,
      good.map(({ id }) => id),
    );
    const poison = await mesh.outcomeOf('looping', SOURCE, looping.id);

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(good.map(() => 'processed'));
    expect(poison).toMatchObject({ outcome: 'dead-lettered', error: { code: 'Abandoned' } });
    // Its policy allows two attempts; the first receive of all, with nine neighbours, could not know whom to suspect.
    expect(poison.attempts).toHaveLength(2);
    expect(visits('looping', looping)).toBeLessThanOrEqual(3);
    expect(invocations.some(({ functionName, outcome }) => functionName.endsWith('looping') && outcome === 'timed-out')).toBe(true);
    await mesh.tap(deadLetterQueueName(meshName(), 'looping')).waitFor('its copy', 1, ({ body }) => body === JSON.stringify(looping));
  });

  test('of an unknown kind tells someone, once', async ({ expect, onTestFinished }) => {
    const { mesh } = fixture;
    const sns = new SNSClient(awsClientOptions(mesh.settings));
    onTestFinished(() => sns.destroy());
    const { QueueUrl } = await mesh.sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
    const { Attributes } = await mesh.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const topicArn = `arn:aws:sns:us-east-1:000000000000:${alertTopicName(meshName())}`;
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
    const buggy = Array.from({ length: 12 }, () => event({ steps: ['unknown', 'succeed'] }));

    await mesh.send('working', buggy);
    const outcomes = await mesh.outcomesOf(
      'working',
      SOURCE,
      buggy.map(({ id }) => id),
    );
    const onCall = mesh.tap('on-call');
    await onCall.waitFor('the alert', 1, () => true);

    expect(outcomes.map(({ outcome, attempts }) => [outcome, attempts.map(({ kind }) => kind)])).toEqual(
      buggy.map(() => ['processed', ['unknown']]),
    );
    expect(onCall.messages).toHaveLength(1);
    const notification: { readonly Message: string; readonly Subject: string } = JSON.parse(onCall.messages[0]?.body ?? '');
    expect(notification.Subject).toBe('Unknown error in working: TypeError');
    expect(JSON.parse(notification.Message)).toMatchObject({ agent: 'working', code: 'TypeError', reason: 'a bug', kind: 'unknown' });
    expect(JSON.parse(notification.Message).stack).toMatch(/^TypeError: a bug\n\s+at .*scripted-agent\.ts/);
  });
});

function nonceOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'nonce' in result ? result.nonce : undefined;
}
