import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTENT_BUCKET, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(['order-processing', 'report-writing']);
});
afterAll(() => world[Symbol.asyncDispose]());

const INBOX = 'posthorn-dev-order-processing-inbox';
const AGENT = 'order-processing';
/** The emulator stamps every message alike. */
const FAUXQS_SENDER_ID = '000000000000';

function envelope(id: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: '/shop',
    type: 'order.placed',
    time: '2026-01-02T03:04:05Z',
    data: { total: 7 },
    ...more,
  });
}

function failure(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    'posthorn-outcome': 'dead-lettered',
    'posthorn-code': 'Http503',
    'posthorn-reason': 'the payment service answers 503',
    'posthorn-agent': AGENT,
    'posthorn-generation': '0',
    'posthorn-attempts': '4',
    'posthorn-failedat': '2026-01-02T03:05:00.000Z',
    ...more,
  };
}

const ndjson = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

// One implementation serves both queues: that each reaches its own is tried, the rest on one of them.
describe.each([
  ['dlq', 'posthorn-dev-order-processing-dlq'],
  ['errors', 'posthorn-dev-order-processing-errors'],
])('posthorn %s', (command, queue) => {
  test('ls counts the messages of every agent and leaves them there', async () => {
    for (let nth = 0; nth < 3; nth++) await world.put(queue, envelope(`ls-${nth}`), failure());

    const table = await world.run([command, 'ls']);
    const json = await world.run([command, 'ls', '--json']);
    const one = await world.run([command, 'ls', 'report-writing', '--json']);

    expect(table.stdout).toMatch(/^AGENT +MESSAGES +IN FLIGHT +OLDEST\norder-processing +3 +0 +\d+s\nreport-writing +0 +0 +-\n$/);
    expect(JSON.parse(json.stdout)).toEqual([
      { agent: AGENT, messages: 3, inFlight: 0, oldestSentAt: expect.stringMatching(/^20.*Z$/), oldestIsExact: true },
      { agent: 'report-writing', messages: 0, inFlight: 0, oldestSentAt: null, oldestIsExact: true },
    ]);
    expect(JSON.parse(one.stdout)).toHaveLength(1);
    expect([table.code, json.code, one.code]).toEqual([0, 0, 0]);
    expect(await world.take(queue)).toHaveLength(3);
  });

  test('show tells why each message is there, each once, and consumes nothing', async () => {
    for (let nth = 0; nth < 25; nth++) await world.put(queue, envelope(`show-${nth}`), failure());

    const all = await world.run([command, 'show', AGENT, '--json']);
    const some = await world.run([command, 'show', AGENT, '--json', '--max', '12']);
    const one = await world.run([command, 'show', AGENT, 'show-7']);
    const full = await world.run([command, 'show', AGENT, 'show-7', '--full']);

    expect(new Set(ndjson(all.stdout).map(({ id }) => id)).size).toBe(25);
    expect(ndjson(all.stdout)).toHaveLength(25);
    expect(ndjson(all.stdout)[0]).toMatchObject({
      agent: AGENT,
      source: '/shop',
      type: 'order.placed',
      failure: {
        outcome: 'dead-lettered',
        code: 'Http503',
        reason: 'the payment service answers 503',
        attempts: 4,
        generation: 0,
        failedAt: '2026-01-02T03:05:00.000Z',
      },
    });
    expect(ndjson(some.stdout)).toHaveLength(12);
    expect(some.stderr).toContain('there may be more (--max)');
    expect(one.stdout).toMatch(
      /^show-7 {2}order.placed {2}from \/shop\n {2}\{\n {4}"total": 7\n {2}\}\n {2}Http503: the payment service answers 503 \(4 attempts, \d+d( \d+h)? ago\)\n\n$/,
    );
    expect(full.stdout).toMatch(/^show-7 {2}order.placed {2}from \/shop\n {2}\{\n {4}"specversion": "1.0",\n/);
    expect(full.stdout).toMatch(/ {2}code +Http503\n {2}reason +the payment service answers 503\n {2}attempts +4 in generation 0\n/);
    expect([all.code, some.code, one.code, full.code]).toEqual([0, 0, 0, 0]);
    expect(await world.count(queue)).toEqual({ visible: 25, inFlight: 0 });
    await world.take(queue);
  });

  test("redrive --all puts messages back as the next generation, and SQS's own as they are", async () => {
    await world.put(queue, envelope('first'), failure());
    await world.put(queue, envelope('third', { generation: 2 }), failure({ 'posthorn-generation': '2' }));
    await world.put(queue, envelope('crashed', { generation: 5 }), { authorization: 'Bearer abc' });
    await world.put(queue, ' not { JSON', failure({ 'posthorn-code': 'InvalidEnvelope' }));

    const { code, stdout, stderr } = await world.run([command, 'redrive', AGENT, '--all', '--yes']);

    expect(stderr).toBe('');
    expect(stdout).toBe('4 put back into the inbox of order-processing; 0 failed\n');
    expect(code).toBe(0);
    expect(await world.count(queue)).toEqual({ visible: 0, inFlight: 0 });
    const back = await world.take(INBOX);
    expect(back.map(({ Body }) => Body).sort()).toEqual(
      [
        ' not { JSON',
        envelope('crashed', { generation: 5 }),
        envelope('first').replace('{', '{"generation":1,'),
        envelope('third', { generation: 3 }),
      ].sort(),
    );
    const attributes = back.flatMap(({ MessageAttributes = {} }) => Object.entries(MessageAttributes));
    // Credentials are never sent again. Nobody has recorded who sent what SQS moved: the operator states it.
    expect(attributes).toEqual([['posthorn-sender', { DataType: 'String', StringValue: FAUXQS_SENDER_ID }]]);
  });
});

describe('posthorn dlq, looked at closely', () => {
  const [command, queue] = ['dlq', 'posthorn-dev-order-processing-dlq'];

  test('show gives back what it holds when it is interrupted', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, nth) => world.put(queue, envelope(`interrupted-${nth}`), failure())));

    const { code, stderr } = await world.run([command, 'show', AGENT, '--max', '600'], { onOutput: (child) => child.kill('SIGINT') });

    expect(code).toBe(130);
    expect(stderr).toContain('there may be more');
    expect(await world.count(queue)).toEqual({ visible: 600, inFlight: 0 });
    await world.take(queue);
  });

  test('what is hostile in an id or a reason reaches neither the terminal nor splits a line of JSON', async () => {
    const id = 'evil\u2028\u202e-1';
    await world.put(queue, envelope(id), failure({ 'posthorn-reason': 'bad \u009b2J\u2029 text' }));
    await world.put(queue, JSON.stringify('\u001b[2J'), failure());

    const shown = await world.run([command, 'show', AGENT], { env: { NO_COLOR: '1' } });
    const full = await world.run([command, 'show', AGENT, '--full'], { env: { NO_COLOR: '1' } });
    const json = await world.run([command, 'show', AGENT, '--json']);
    const redriven = await world.run([command, 'redrive', AGENT, '--id', id, '--dry-run']);

    for (const { stdout } of [shown, full, json, redriven]) expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    expect(shown.stdout).toContain('(no envelope)');
    expect(shown.stdout).toContain('evil\ufffd\ufffd-1  order.placed');
    expect(ndjson(json.stdout).map((record) => record.id)).toEqual(expect.arrayContaining([id, null]));
    expect(redriven.stdout).toContain('evil\ufffd\ufffd-1 would go back');
    await world.take(queue);
  });

  test('redrive --id takes those and leaves the others; an id that is not there is an error', async () => {
    for (let nth = 0; nth < 23; nth++) await world.put(queue, envelope(`id-${nth}`), failure());
    const messageId = await world.put(queue, 'no envelope', failure());

    const { code, stdout, stderr } = await world.run([command, 'redrive', AGENT, '--id', 'id-3', messageId, 'id-99', '--json']);

    expect(ndjson(stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 'id-3', source: '/shop', status: 'redriven', generation: 1 }),
        expect.objectContaining({ id: null, messageId, status: 'redriven' }),
      ]),
    );
    expect(stderr).toMatch(/has no message 'id-99'$/m);
    expect(code).toBe(1);
    expect(await world.count(queue)).toEqual({ visible: 22, inFlight: 0 });
    expect(await world.take(INBOX)).toHaveLength(2);
    await world.take(queue);
  });

  test('redrive --all ends though what it puts back fails again at once', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, nth) => world.put(queue, envelope(`again-${nth}`), failure())));
    const back: string[] = [];
    let over = false;
    const agent = (async () => {
      while (!over || (await world.count(INBOX)).visible > 0) {
        for (const { Body = '' } of await world.take(INBOX)) {
          back.push(Body);
          await world.put(queue, Body, failure({ 'posthorn-generation': '1' }));
        }
      }
    })();

    const { code, stdout } = await world.run([command, 'redrive', AGENT, '--all', '--yes']);
    over = true;
    await agent;

    expect(stdout).toBe('200 put back into the inbox of order-processing; 0 failed\n');
    expect(code).toBe(0);
    expect(new Set(back).size).toBe(200);
    expect(back).toHaveLength(200);
    expect(await world.take(queue)).toHaveLength(200);
  });

  test('redrive --dry-run changes nothing', async () => {
    await world.put(queue, envelope('dry'), failure());

    const { code, stdout } = await world.run([command, 'redrive', AGENT, '--all', '--dry-run']);

    expect(stdout).toBe('dry would go back as generation 1\n1 would be put back into the inbox of order-processing; 0 failed\n');
    expect(code).toBe(0);
    expect(await world.count(queue)).toEqual({ visible: 1, inFlight: 0 });
    expect(await world.count(INBOX)).toEqual({ visible: 0, inFlight: 0 });
    await world.take(queue);
  });

  test('an original that lies in the content bucket is shown and put back whole', async () => {
    const body = envelope('large', { data: 'x'.repeat(500_000) });
    const key = `sha-256/${createHash('sha256').update(body).digest('hex')}`;
    await world.putObject(key, body);
    await world.put(queue, '{}', failure({ 'posthorn-original': `s3://${CONTENT_BUCKET}/${key}` }));

    const shown = await world.run([command, 'show', AGENT, '--full', '--json']);
    const { code, stderr } = await world.run([command, 'redrive', AGENT, '--all', '--yes']);

    expect(ndjson(shown.stdout)[0].body).toBe(body);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect((await world.take(INBOX)).map(({ Body }) => Body)).toEqual([body.replace('{', '{"generation":1,')]);
  });

  test('a copy of more than 1 MiB, whose body lies in the content bucket, is found by its event id and put back', async () => {
    const body = envelope('large-by-id', { data: 'x'.repeat(1_048_400) });
    const key = `sha-256/${createHash('sha256').update(body).digest('hex')}`;
    await world.putObject(key, body);
    const copyOf = (eventId: string) =>
      world.put(
        queue,
        '{}',
        failure({
          'posthorn-original': `s3://${CONTENT_BUCKET}/${key}`,
          'posthorn-eventid': eventId,
          'posthorn-eventsource': '/shop',
        }),
      );
    await copyOf('large-by-id');
    await copyOf('another');

    const shown = await world.run([command, 'show', AGENT, 'large-by-id', '--json']);
    const text = await world.run([command, 'show', AGENT, 'large-by-id']);
    const { code, stdout } = await world.run([command, 'redrive', AGENT, '--id', 'large-by-id', '--json']);

    expect(ndjson(shown.stdout)).toEqual([expect.objectContaining({ id: 'large-by-id', source: '/shop' })]);
    expect(text.stdout).toMatch(/^large-by-id {2}from \/shop\n {2}in the content bucket: s3:.* \(--full shows it\)\n {2}Http503/);
    expect(ndjson(stdout)).toEqual([expect.objectContaining({ id: 'large-by-id', source: '/shop', status: 'redriven', generation: 1 })]);
    expect(code).toBe(0);
    expect((await world.take(INBOX)).map(({ Body }) => Body)).toEqual([body.replace('{', '{"generation":1,')]);
    expect(await world.take(queue)).toHaveLength(1);
  });

  test('a message that fills its 1 MiB stays, and it is told what to do; one that leaves room for its generation goes back', async () => {
    const filling = async (id: string, bytes: number) => {
      const body = envelope(id, { data: 'x'.repeat(bytes - envelope(id, { data: '' }).length) });
      const key = `sha-256/${createHash('sha256').update(body).digest('hex')}`;
      await world.putObject(key, body);
      await world.put(queue, '{}', failure({ 'posthorn-original': `s3://${CONTENT_BUCKET}/${key}` }));
      return body;
    };
    const roomy = await filling('roomy', 1_048_576 - '"generation":1,'.length);
    await filling('full', 1_048_576);

    const rehearsed = await world.run([command, 'redrive', AGENT, '--all', '--dry-run']);
    const { code, stdout, stderr } = await world.run([command, 'redrive', AGENT, '--all', '--yes']);

    expect(stdout).toBe('1 put back into the inbox of order-processing; 1 failed\n');
    expect(stderr).toMatch(/: it fills its message, 15 bytes are missing for its generation: send its data as a new event, by reference/);
    expect(rehearsed.stderr).toBe(stderr);
    expect([code, rehearsed.code]).toEqual([1, 1]);
    expect((await world.take(INBOX)).map(({ Body }) => Body)).toEqual([roomy.replace('{', '{"generation":1,')]);
    expect(await world.take(queue)).toHaveLength(1);
  });

  test('one that cannot go back stays and is told; the others go', async () => {
    await world.put(queue, envelope('good'), failure());
    await world.put(queue, '{}', failure({ 'posthorn-original': `s3://somebody-else/sha-256/${'0'.repeat(64)}` }));
    await world.put(queue, '{}', failure({ 'posthorn-original': `s3://${CONTENT_BUCKET}/sha-256/${'0'.repeat(64)}` }));
    await world.put(queue, envelope('worn', { generation: 1_000 }), failure({ 'posthorn-generation': '1000' }));

    const { code, stdout, stderr } = await world.run([command, 'redrive', AGENT, '--all', '--yes']);

    expect(stdout).toBe('1 put back into the inbox of order-processing; 3 failed\n');
    expect(stderr).toMatch(/is not in the mesh's content bucket/);
    expect(stderr).toMatch(/NoSuchKey/);
    expect(stderr).toMatch(/^worn: it has been redriven 1000 times/m);
    expect(code).toBe(1);
    expect(await world.count(queue)).toEqual({ visible: 3, inFlight: 0 });
    expect(await world.take(INBOX)).toHaveLength(1);
    await world.take(queue);
  });

  test('show keeps a reason of many lines apart from the fields', async () => {
    await world.put(queue, envelope('forged'), failure({ 'posthorn-reason': 'first\n  outcome   processed' }));

    const short = await world.run([command, 'show', AGENT, 'forged']);
    const full = await world.run([command, 'show', AGENT, 'forged', '--full']);

    expect(short.stdout).toContain('  Http503: first   outcome   processed (4 attempts, ');
    expect(full.stdout).toContain('  reason    first\n              outcome   processed\n');
    await world.take(queue);
  });

  test('ls of a stage without agents says so and fails', async () => {
    const { code, stdout, stderr } = await world.run([command, 'ls', '--stage', 'prod']);

    expect(stderr).toMatch(/stage 'prod' has no agents at http.*\n.*check --stage/);
    expect([code, stdout]).toEqual([1, '']);
  });

  test.each([
    ['--all where nobody can be asked', ['redrive', AGENT, '--all'], 'Confirm with --yes.'],
    ['neither --id nor --all', ['redrive', AGENT], 'Give either --id ID'],
    ['both --id and --all', ['redrive', AGENT, '--all', '--id', '1'], 'Give either --id ID'],
    ['an unknown agent', ['show', 'order-procesing'], "Did you mean 'order-processing'?"],
    ['an agent that cannot be one', ['show', 'a/b c'], "has no agent 'a/b c'"],
    ['an id that is not there', ['show', AGENT, 'nothing'], "has no message 'nothing'"],
    ['a bad number', ['show', AGENT, '--max', 'all'], 'Give a whole number'],
  ])('%s is refused', async (_what, args, message) => {
    const { code, stdout, stderr } = await world.run([command, ...args]);

    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});
