import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { MAX_INLINE_BYTES, MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { parseEnvelope } from '../../events/parse-envelope.ts';
import { type Sample, type SampleContent, sampleBodies, sampleContent, sampleSchema } from '../../events/sample.ts';
import documentExtraction from '../../functions/agents/document-extraction/agent.ts';
import orderProcessing from '../../functions/agents/order-processing/agent.ts';
import { orderSchema } from '../../functions/agents/order-processing/order.ts';
import reportWriting from '../../functions/agents/report-writing/agent.ts';
import sentimentAnalysis from '../../functions/agents/sentiment-analysis/agent.ts';
import sentimentV2 from '../../functions/agents/sentiment-v2/agent.ts';
import { Refusal } from '../../functions/runtime/trust/refusal.ts';
import { decideAccess, principalOf } from '../../functions/runtime/trust/sender.ts';
import { fakeContent, referenceOf } from '../../testing/fake-content.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeMessage } from '../../testing/fake-message.ts';
import { placeholderId, sampleAccess } from '../../tools/security/sample-access.ts';

const folder = new URL('../../events/samples/', import.meta.url);
const names = (await readdir(folder)).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
const agents = [documentExtraction, sentimentAnalysis, sentimentV2, reportWriting, orderProcessing].map(({ id }) => id);

const readSample = async (name: string): Promise<Sample> =>
  z.parse(sampleSchema, JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8')));
const readContent = async (entry: SampleContent) => sampleContent(entry, await readFile(new URL(`content/${entry.file}`, folder)));
const contentOf = async (sample: Sample) =>
  new Map(
    await Promise.all(
      Object.entries(sample.content).map(
        async ([name, entry]) => [name, fakeContent(await readContent(entry), entry.contentType)] as const,
      ),
    ),
  );
const bodiesOf = async (sample: Sample, run?: string) => {
  const content = await contentOf(sample);
  const uploaded = Object.fromEntries(
    [...content].map(([name, { digest, sizeBytes }]) => [name, { uri: `s3://bucket/${digest.replace(':', '/')}`, digest, sizeBytes }]),
  );
  return sampleBodies(sample, run === undefined ? { uploaded } : { run, uploaded });
};

describe.each(names)('the sample %s', (name) => {
  it('sends envelopes, and raw bodies only where they are refused', async () => {
    const sample = await readSample(name);
    const bodies = await bodiesOf(sample);

    expect(bodies).toHaveLength(sample.events.length * sample.repeat);
    for (const [index, event] of sample.events.entries()) {
      const body = bodies[index * sample.repeat] ?? '';
      expect(Buffer.byteLength(body)).toBeLessThan(MAX_MESSAGE_BYTES);
      if ('id' in event) expect(parseEnvelope(body)).toMatchObject({ id: event.id, specversion: '1.0' });
      else expect(() => parseEnvelope(body)).toThrow(expect.objectContaining({ code: 'InvalidEnvelope' }));
    }
  });

  it('is for agents of the mesh, and each event of it ends', async () => {
    const { agent, events, expect: expected } = await readSample(name);
    const own = expected.outcomes[agent] ?? { codes: [] };

    expect(agents).toEqual(expect.arrayContaining([agent, ...Object.keys(expected.outcomes)]));
    expect((own.processed ?? 0) + (own.rejected ?? 0) + (own['dead-lettered'] ?? 0)).toBe(events.length);
    for (const { codes, rejected = 0, 'dead-lettered': deadLettered = 0 } of Object.values(expected.outcomes)) {
      expect(codes).toEqual([...new Set(codes)].sort());
      expect(codes.length > 0).toBe(rejected + deadLettered > 0);
    }
  });

  it('can be sent again with new ids', async () => {
    const sample = await readSample(name);
    const idsOf = (bodies: readonly string[]) =>
      new Set(sample.events.flatMap((event, index) => ('id' in event ? [parseEnvelope(bodies[index * sample.repeat] ?? '').id] : [])));

    const first = idsOf(await bodiesOf(sample, 'r1'));
    const second = idsOf(await bodiesOf(sample, 'r2'));

    expect([...first].filter((id) => second.has(id))).toEqual([]);
    expect(first.size).toBe(sample.events.filter((event) => 'id' in event).length);
  });
});

describe('the senders of the samples', async () => {
  const access = await sampleAccess();
  const samples = await Promise.all(names.map(async (name) => ({ name, sample: await readSample(name) })));
  const withSender = samples.filter(({ sample }) => sample.sender !== undefined);

  it.each(withSender)('the policy decides about $name as it declares', async ({ sample }) => {
    const { agent, sender = '', expect: expected } = sample;
    const record = access.find((candidate) => candidate.agent === agent);
    if (record === undefined) throw new Error(`${agent} has no access record`);
    const decisions = (await bodiesOf(sample)).map((body) => {
      try {
        const request = { ...parseEnvelope(body), isRedrive: false };
        return decideAccess(record, principalOf(record, `${placeholderId(sender)}:session`), request).rule;
      } catch (error) {
        return error instanceof Refusal ? error.code : error;
      }
    });

    const codes = expected.outcomes[agent]?.codes ?? [];
    expect(decisions).toEqual(codes.length > 0 ? codes : [`role:${sender}`]);
  });

  it('are one that may, and one for each kind of refusal', () => {
    const codes = withSender.flatMap(({ sample }) => sample.expect.outcomes[sample.agent]?.codes ?? []);

    expect(codes.sort()).toEqual(['Forbidden', 'SourceRefused', 'UnknownSender']);
    expect(withSender.length).toBe(codes.length + 1);
  });
});

describe('the samples together', () => {
  it('share no id and no order, so that charges and replies can be told apart', async () => {
    const samples = await Promise.all(names.map(readSample));
    const events = samples.flatMap(({ events }) => events.filter((event) => 'id' in event));
    const orders = events.flatMap((event) => ('data' in event ? (z.safeParse(orderSchema, event.data).data?.orderId ?? []) : []));

    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(new Set(orders).size).toBe(orders.length);
    expect(orders.length).toBeGreaterThan(10);
  });

  it.each(['document-text', 'document-html', 'document-pdf', 'document-5-mb'])(
    '%s passes from agent to agent',
    { timeout: 30_000 },
    async (name) => {
      const sample = await readSample(name);
      const [event] = sample.events;
      const [behindReference] = (await contentOf(sample)).values();
      const inline = fakeContent(String(event && 'data' in event ? event.data : ''), 'text/plain');

      const extraction = fakeContext();
      await documentExtraction.handle(fakeMessage(behindReference ?? inline), extraction);
      const analysis = fakeContext();
      await sentimentAnalysis.handle(fakeMessage(z.parse(sentimentAnalysis.input, extraction.sent[0]?.data)), analysis);
      const report = fakeContext();
      await reportWriting.handle(fakeMessage(z.parse(reportWriting.input, analysis.sent[0]?.data)), report);

      expect(report.replies).toHaveLength(1);
      expect([...report.stored.values()].join()).toMatch(/Language \| eng[\s\S]*\*\*(Positive|Negative)\*\*[\s\S]*%/);
    },
  );

  it('carry five megabytes by reference', async () => {
    const [book] = (await contentOf(await readSample('document-5-mb'))).values();

    expect(book?.sizeBytes).toBeGreaterThanOrEqual(5_000_000);
    expect(book?.sizeBytes).toBeGreaterThan(MAX_INLINE_BYTES);
    expect((await book?.text())?.endsWith('the news was good.\n\n')).toBe(true);
  });
});

describe('sampleSchema', () => {
  const minimal = { title: 't', description: 'd', agent: 'order-processing', events: [{ id: 'a' }], expect: { outcomes: {} } };

  it('fills in what may be left out', () => {
    expect(z.parse(sampleSchema, minimal)).toEqual({
      ...minimal,
      repeat: 1,
      content: {},
      expect: { outcomes: {}, facts: {}, replies: 0 },
    });
  });

  it('reads charges as the fact that older files mean', () => {
    const { expect: expected } = z.parse(sampleSchema, { ...minimal, expect: { outcomes: {}, charges: 2, facts: { refunds: 1 } } });

    expect(expected.facts).toEqual({ charges: 2, refunds: 1 });
  });

  it.each([
    ['an unknown field', { ...minimal, expects: {} }],
    ['no events', { ...minimal, events: [] }],
    ['an event that is neither', { ...minimal, events: [{ data: 1 }] }],
    ['an outcome that does not exist', { ...minimal, expect: { outcomes: { 'order-processing': { done: 1 } } } }],
    ['content that is not there', { ...minimal, events: [{ id: 'a', dataref: 'content:book' }] }],
    ['a sender that is not the name of a role', { ...minimal, sender: 'arn:aws:iam::000000000000:role/uploader' }],
    ['a file elsewhere', { ...minimal, content: { book: { file: '../../package.json', contentType: 'text/plain' } } }],
  ])('refuses %s', (_, sample) => {
    expect(z.safeParse(sampleSchema, sample).success).toBe(false);
  });
});

describe('sampleBodies', () => {
  const sample = z.parse(sampleSchema, {
    title: 't',
    description: 'd',
    agent: 'document-extraction',
    events: [{ id: 'a', dataref: 'content:page' }, { raw: 'not JSON' }],
    repeat: 2,
    content: { page: { file: 'notice.html', contentType: 'text/html' } },
    expect: { outcomes: {} },
  });

  it('fills the reference in and sends each event as often as asked', () => {
    const { uri, digest, sizeBytes } = referenceOf(Buffer.from('<p>'), 'text/html');

    const bodies = sampleBodies(sample, { run: 'r1', uploaded: { page: { uri, digest, sizeBytes } } });

    expect(bodies[0]).toBe(bodies[1]);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ id: 'a-r1', dataref: uri, datadigest: digest, datasize: 3 });
    expect(bodies.slice(2)).toEqual(['not JSON', 'not JSON']);
  });

  it('names content that was not uploaded', () => {
    expect(() => sampleBodies(sample)).toThrow("content 'page' was not uploaded");
  });
});
