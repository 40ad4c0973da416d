import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnvelope } from '../../../events/parse-envelope.ts';
import { startWorld, type World } from './world.ts';

const INBOX = 'posthorn-dev-order-processing-inbox';
// Its queues are no mesh: nobody says what the agent can handle.
const AGENT = ['--agent', 'order-processing', '--rate', 'max'];
const event = {
  specversion: '1.0',
  id: 'order-1',
  source: '/shop',
  type: 'order.placed',
  time: '2026-01-02T03:04:05Z',
  data: { total: 7 },
};

let world: World;
beforeAll(async () => {
  world = await startWorld(['order-processing', 'report-writing']);
});
afterAll(() => world[Symbol.asyncDispose]());

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(world.folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function takeEnvelopes() {
  return (await world.take(INBOX)).map(({ Body = '' }) => parseEnvelope(Body));
}

describe('one event', () => {
  test('arrives as it was given, with a sampled trace', async () => {
    const path = await file('event.json', JSON.stringify(event, undefined, 2));

    const { code, stdout, stderr } = await world.run(['send', path, ...AGENT]);

    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^1 event sent to order-processing \(id order-1, trace [0-9a-f]{32}\); 0 failed\nnpx posthorn trace order-1 .*--endpoint-url http:.*\n$/,
    );
    expect(code).toBe(0);
    const [received] = await takeEnvelopes();
    expect(received).toEqual({ ...event, traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) });
  });

  test('from stdin is given the id, source and time that it lacks; its own trace is kept', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    const given = { type: 'order.placed', data: { total: 7 }, traceparent };

    const { code, stdout } = await world.run(['send', '-', ...AGENT, '--json'], { stdin: JSON.stringify(given) });

    const [received] = await takeEnvelopes();
    expect(code).toBe(0);
    expect(received).toMatchObject({ ...given, specversion: '1.0', source: '/posthorn/cli' });
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ agent: 'order-processing', sent: 1, failed: 0, failures: [] });
    expect(summary.events).toEqual([{ position: 'line 1', id: received?.id, source: '/posthorn/cli', traceparent }]);
  });

  test('gets the tenant of --tenant, unless it has one', async () => {
    const lines = [{ total: 1 }, { ...event, tenant: 'own' }].map((line) => JSON.stringify(line)).join('\n');

    const { code, stderr } = await world.run(['send', '-', ...AGENT, '--tenant', 'acme'], { stdin: lines });

    expect([code, stderr]).toEqual([0, '']);
    const received = await takeEnvelopes();
    expect(received.map(({ tenant }) => tenant).sort()).toEqual(['acme', 'own']);
  });

  test.each(['', 'Acme Corp', 'Größe', 'x'.repeat(129)])('a --tenant that SQS would refuse is refused: %s', async (tenant) => {
    const { code, stderr } = await world.run(['send', '-', ...AGENT, '--tenant', tenant], { stdin: JSON.stringify(event) });

    expect(code).toBe(1);
    expect(stderr).toContain('Give 1 to 128 letters, digits and punctuation characters of ASCII, without spaces.');
    expect(await world.count(INBOX)).toEqual({ visible: 0, inFlight: 0 });
  });

  test('that is wrong is not sent: the message names line, field, kind and remedy', async () => {
    const { code, stderr } = await world.run(['send', '-', ...AGENT], { stdin: JSON.stringify({ ...event, time: 5 }) });

    expect(stderr).toMatch(/^line 1: time: .*string.* \(it is a number\)/);
    expect(code).toBe(1);
    expect(await world.count(INBOX)).toEqual({ visible: 0, inFlight: 0 });
  });

  test('whose id is hostile arrives as it is, and is printed on one line, without what would steer the terminal', async () => {
    const id = 'order\u2028\u202e-1';

    const text = await world.run(['send', '-', ...AGENT], { stdin: JSON.stringify({ ...event, id }) });
    const json = await world.run(['send', '-', ...AGENT, '--json'], { stdin: JSON.stringify({ ...event, id }) });

    // No command: what is copied from the terminal would be another id.
    expect(text.stdout).toMatch(/^1 event sent to order-processing \(id order\ufffd\ufffd-1, trace [0-9a-f]{32}\); 0 failed\n$/);
    expect(json.stdout).not.toMatch(/[\p{Bidi_Control}\p{Zl}]/u);
    expect(JSON.parse(json.stdout).events).toMatchObject([{ id }]);
    expect((await takeEnvelopes()).map((received) => received.id)).toEqual([id, id]);
  });

  test('is sent as it is with --no-validate', async () => {
    const { code, stdout } = await world.run(['send', '-', ...AGENT, '--no-validate'], { stdin: '{"specversion": "9"}\nnot JSON\n' });

    expect(stdout).toMatch(/^2 events sent/);
    expect(code).toBe(0);
    expect((await world.take(INBOX)).map(({ Body }) => Body).sort()).toEqual(['not JSON', '{"specversion": "9"}']);
  });

  test('that is a JSON array is one event, and is said to be', async () => {
    const one = await world.run(['send', '-', ...AGENT], { stdin: '[{"a":1},{"a":2}]\n' });
    const many = await world.run(['send', '-', ...AGENT], { stdin: '[1]\n[2]\n' });

    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1 event sent/) });
    expect(one.stderr).toMatch(/array, which is one event.*NDJSON/);
    expect(many).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 events sent/), stderr: '' });
    expect((await takeEnvelopes()).map(({ data }) => JSON.stringify(data)).sort()).toEqual(['[1]', '[2]', '[{"a":1},{"a":2}]']);
  });

  test('over 1 MiB goes into the content bucket, with a claim check in its place', async () => {
    const data = { text: 'ü'.repeat(700_000) };

    const { code, stdout } = await world.run(['send', '-', ...AGENT], { stdin: JSON.stringify({ ...event, data }) });

    expect(stdout).toContain('1 with its data in the content bucket');
    expect(code).toBe(0);
    const [received] = await takeEnvelopes();
    const { bytes, contentType } = await world.object(String(received?.dataref));
    expect(JSON.parse(bytes.toString())).toEqual(data);
    expect(contentType).toBe('application/json');
    expect(received).toMatchObject({ datadigest: `sha-256:${createHash('sha256').update(bytes).digest('hex')}`, datasize: bytes.length });
    expect(received).not.toHaveProperty('data');
  });

  test('takes a file beside it as its data, and no file of elsewhere', async () => {
    const pdf = Buffer.from('%PDF-1.4 \xff\x00', 'latin1');
    await file('docs/report.pdf', pdf);
    const path = await file(
      'docs/events.ndjson',
      ['file:report.pdf', 'file:../../../etc/hostname', 'file:missing.pdf']
        .map((dataref, id) => JSON.stringify({ ...event, id: `d${id}`, data: undefined, dataref, datacontenttype: 'application/pdf' }))
        .join('\n'),
    );

    const { code, stderr } = await world.run(['send', path, ...AGENT]);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^line 2: dataref: file:.*(outside|cannot be read)/m);
    expect(stderr).toMatch(/^line 3: dataref: file:missing.pdf cannot be read \(ENOENT\)/m);
    const received = await takeEnvelopes();
    expect(received).toHaveLength(1);
    expect((await world.object(String(received[0]?.dataref))).bytes).toEqual(pdf);
  });
});

test('where nobody says what the agent can handle, it sends slowly, and says so', async () => {
  const { code, stdout, stderr } = await world.run(['send', '-', '--agent', 'order-processing'], { stdin: '{"a":1}\n{"a":2}' });

  expect(stderr).toMatch(
    /^the load of 'order-processing' cannot be read from the table 'posthorn-dev-metrics': .*\nsending 10 messages a second; --rate N sends more, --rate max as fast as SQS takes them\n$/,
  );
  expect(stdout).toMatch(/^2 events sent/);
  expect(code).toBe(0);
  await world.take(INBOX);
});

describe('NDJSON', () => {
  test('of large events stays within what one request takes', async () => {
    const stdin = Array.from({ length: 12 }, (_, index) => JSON.stringify({ index, text: 'x'.repeat(400_000) })).join('\n');

    const { code, stdout } = await world.run(['send', '-', ...AGENT, '--json'], { stdin });

    expect(JSON.parse(stdout)).toMatchObject({ sent: 12, failed: 0, claimChecks: 0 });
    expect(code).toBe(0);
    expect(await world.take(INBOX)).toHaveLength(12);
  });

  test('that is not UTF-8 or has blank lines is told by the line', async () => {
    const stdin = Buffer.concat([Buffer.from('{"a":1}\n\n"\u2028"\r\n'), Buffer.from([0xff, 0x0a]), Buffer.from('[2]')]);

    const { code, stderr } = await world.run(['send', '-', ...AGENT], { stdin });

    expect(stderr).toBe('line 4: is not UTF-8 text: encode it as UTF-8\n');
    expect(code).toBe(1);
    const received = await takeEnvelopes();
    expect(received.map(({ data }) => JSON.stringify(data)).sort()).toEqual(['"\u2028"', '[2]', '{"a":1}']);
  });

  test('characters that SQS refuses arrive', async () => {
    const { code } = await world.run(['send', '-', ...AGENT], { stdin: JSON.stringify({ text: '\uffff\ufffe\u0000\ud800' }) });

    expect(code).toBe(0);
    expect((await takeEnvelopes())[0]?.data).toEqual({ text: '\uffff\ufffe\u0000\ud800' });
  });
});

describe('a sample', () => {
  const sample = {
    title: 'A sample',
    description: 'For a test.',
    agent: 'order-processing',
    events: [{ ...event, data: undefined, dataref: 'content:page', datacontenttype: 'text/html' }, { raw: 'not\nJSON' }],
    repeat: 2,
    content: { page: { file: 'page.html', contentType: 'text/html', repeatToBytes: 20 } },
    expect: { outcomes: {} },
  };

  test('goes to the agent it names, with its content uploaded and ids of its own', async () => {
    await file('samples/content/page.html', '<p>Hello</p>');
    const path = await file('samples/page.json', JSON.stringify(sample, undefined, 2));

    const first = await world.run(['send', path, '--rate', 'max']);
    const second = await world.run(['send', path, '--rate', 'max']);

    expect(first).toMatchObject({
      code: 0,
      stdout: '4 events sent to order-processing, 2 with its data in the content bucket; 0 failed\n',
      stderr: '',
    });
    expect(second.code).toBe(0);
    const bodies = (await world.take(INBOX)).map(({ Body = '' }) => Body);
    expect(bodies.filter((body) => body === 'not\nJSON')).toHaveLength(4);
    const envelopes = bodies.filter((body) => body !== 'not\nJSON').map(parseEnvelope);
    expect(new Set(envelopes.map(({ id }) => id)).size).toBe(2);
    expect((await world.object(String(envelopes[0]?.dataref))).bytes.toString()).toBe('<p>Hello</p><p>Hello</p>');
  });

  test('with a wrong field is refused by its name', async () => {
    const path = await file('samples/bad.json', JSON.stringify({ ...sample, repeat: 'twice' }));

    const { code, stderr } = await world.run(['send', path, '--rate', 'max']);

    expect(stderr).toMatch(/the sample is not valid: repeat: .*number/);
    expect(code).toBe(1);
  });
});

describe('what cannot be sent at all', () => {
  test.each([
    [
      'an agent that is not there',
      ['send', '-', '--agent', 'order-procesing'],
      '{}',
      "Did you mean 'order-processing'? Its agents: order-processing, report-writing.",
    ],
    ['no agent', ['send', '-'], '{}', 'Give --agent ID'],
    ['nothing', ['send', '-', ...AGENT], '\n\n', 'stdin is empty'],
    ['a JSON array', ['send', '-', ...AGENT], '[\n{"a":\n1}\n]', 'the input is a JSON array'],
    ['broken JSON', ['send', '-', ...AGENT], '{\n"a": 1,\n}', 'neither a JSON document nor NDJSON'],
    ['a file that is not there', ['send', '/nowhere.json', ...AGENT], '', '/nowhere.json does not exist\nGive a file, or - for stdin.'],
    ['a bad number', ['send', '-', ...AGENT, '--concurrency', '0'], '{}', 'Give a whole number from 1 to 64.'],
    ['too many in flight', ['send', '-', ...AGENT, '--in-flight', '10001'], '{}', 'Give a whole number from 1 to 10000.'],
    ['no number in flight', ['send', '-', ...AGENT, '--in-flight', ''], '{}', 'Give a whole number from 1 to 10000.'],
    ['no rate', ['send', '-', ...AGENT, '--rate', '0'], '{}', 'Give a number from 0.001 to 1000000, or max.'],
    ['a rate that is none', ['send', '-', ...AGENT, '--rate', 'fast'], '{}', 'Give a number from 0.001 to 1000000, or max.'],
  ])('%s', async (_what, args, stdin, message) => {
    const { code, stdout, stderr } = await world.run(args, { stdin });

    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});
