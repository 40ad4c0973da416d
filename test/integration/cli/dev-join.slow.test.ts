import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MeshClient } from '../../../client/index.ts';
import { messageKey } from '../../../events/ledger-record.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, collectReplies, type DevRun, devProject, shown, startDev } from './dev-project.ts';

const AGENTS = 'functions/agents';

/** Passes what it gets on to foreign agents, whose replies come back to it; it puts those on the replies queue. */
const sellingCode = (...sendsTo: readonly string[]): string => `
import * as z from 'zod/mini';
import { defineAgent } from '../../runtime/agent/define-agent.ts';

export default defineAgent({
  id: 'selling',
  version: '1.0.0',
  description: 'Sells.',
  capabilities: [{ id: 'selling', name: 'Selling', description: 'Sells.', tags: [] }],
  input: z.looseObject({}),
  sendsTo: ${JSON.stringify(sendsTo)},
  async handle({ type, data }, context) {
    if (type.endsWith('.reply')) await context.reply({ answered: data });
    else await context.send('billing', data, { type: 'invoice.wanted', replyTo: 'selling' });
  },
});
`;

const billingCode = `
import * as z from 'zod/mini';
import { defineAgent } from '../../runtime/agent/define-agent.ts';

export default defineAgent({
  id: 'billing',
  version: '1.0.0',
  description: 'Bills.',
  capabilities: [{ id: 'billing', name: 'Billing', description: 'Bills.', tags: [] }],
  input: z.looseObject({}),
  handle: async (_message, context) => context.reply({ invoice: 'of its own' }),
});
`;

/** The order, what the foreign agent makes of it, and its reply. */
const SALE = {
  title: 'A sale',
  description: 'One order, one invoice.',
  agent: 'selling',
  events: [
    {
      ...{ specversion: '1.0', id: 'sale', source: 'https://shop.example.com', type: 'order.placed', time: '2026-01-01T09:00:00Z' },
      data: { item: 'ink' },
    },
  ],
  expect: { outcomes: { selling: { processed: 2 }, billing: { processed: 1 } }, replies: 1 },
};

const owner = new AsyncDisposableStack();
afterAll(() => owner.disposeAsync());

/** A project whose agent sends to an agent of another repository. */
async function sellingProject(context: object, files: Readonly<Record<string, string | object>> = {}): Promise<string> {
  const project = await devProject(owner, { [`${AGENTS}/selling/agent.ts`]: sellingCode('billing'), ...files });
  await rm(join(project, `${AGENTS}/order-processing`), { recursive: true });
  const configuration = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8'));
  await writeFile(join(project, 'cdk.json'), JSON.stringify({ ...configuration, context: { ...configuration.context, ...context } }));
  return project;
}

describe('a project that joins the mesh of another repository', () => {
  let project: string;
  let run: DevRun;
  let mesh: MeshClient;
  /** Data of the replies by the correlation id of their journey. */
  let replies: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    project = await sellingProject({ join: true });
    run = startDev(owner, project, []);
    await shown(run, /ends the mesh/);
    mesh = clientOf(owner, await shown(run, /is up at (http:\S+)/));
    replies = collectReplies(owner, mesh);
  });

  const describeRun = () => run.stdout() + run.stderr();
  const answerTo = (id: string) => until(`an answer to ${id}`, () => replies.get(id), { describe: describeRun });

  async function write(file: string, content: string | object): Promise<void> {
    await mkdir(dirname(join(project, file)), { recursive: true });
    await writeFile(join(project, file), typeof content === 'string' ? content : JSON.stringify(content));
  }

  async function edit(file: string, content: string, expected: RegExp): Promise<void> {
    const from = run.stdout().length;
    await write(file, content);
    await shown(run, expected, from);
  }

  const recorded = async (): Promise<readonly unknown[]> =>
    (await readFile(join(project, '.posthorn/doubles/billing.ndjson'), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));

  const recordedOf = (item: string) =>
    until(`billing records ${item}`, async () => (await recorded()).find((line) => JSON.stringify(line).includes(item)), {
      describe: describeRun,
    });

  test('is up with the state of that mesh, and names the foreign agents, which have doubles', async () => {
    expect(run.stdout()).toMatch(/^ {2}agents +selling$/m);
    expect(run.stdout()).toMatch(
      /^ {2}doubles +billing \(foreign agents; answers from doubles\/<id>\.json, messages in \.posthorn\/doubles\)$/m,
    );
    expect(await mesh.agents()).toEqual(['billing', 'selling']);
  });

  test('a message to a foreign agent is recorded, and has its outcome, without a file of answers', async () => {
    const { id } = await mesh.send('selling', { item: 'stamps' }, { type: 'order.placed' });

    const line = await recordedOf('stamps');

    expect(line).toEqual({
      ...{ time: expect.any(String), id: expect.any(String), source: '/agents/selling', type: 'invoice.wanted' },
      data: { item: 'stamps' },
    });
    await shown(run, /billing +processed/);
    const record = JSON.parse(JSON.stringify(line));
    expect(await mesh.records([messageKey('billing', '/agents/selling', record.id)])).toMatchObject([{ outcome: 'processed' }]);
    expect(replies.has(id)).toBe(false);
  });

  test('an answer that is written while the mesh runs is that to the next message, by replyto; the first that fits wins', async () => {
    await write('doubles/billing.json', [
      { when: { data: { item: 'gold' } }, fail: 'permanent' },
      { when: { data: { item: 'paper' } } },
      {
        when: { type: 'invoice.wanted', data: { item: 'ink' } },
        reply: { invoice: 'i-1' },
        send: [{ to: 'selling', data: { item: 'paper' } }],
      },
      { when: {}, reply: { invoice: 'i-2' } },
    ]);
    const from = run.stdout().length;

    const { id } = await mesh.send('selling', { item: 'ink', count: 2 }, { type: 'order.placed' });

    expect(await answerTo(id)).toEqual({ answered: { invoice: 'i-1' } });
    expect(await recordedOf('paper')).toMatchObject({ type: 'invoice.wanted', data: { item: 'paper' } });
    await mesh.send('selling', { item: 'gold' }, { type: 'order.placed' });
    await shown(run, /billing +rejected[\s\S]*DoubleFails: doubles\/billing\.json/, from);
    expect(await mesh.depth('billing', 'error')).toMatchObject({ visible: 1 });
    expect(run.stdout().slice(from)).not.toMatch(/updated|fixed/);
  });

  test('answers that are wrong are shown by file and field; the message is retried and answered when they are mended', async () => {
    const from = run.stdout().length;
    await write('doubles/billing.json', [{ fail: 'sometimes' }]);

    const { id } = await mesh.send('selling', { item: 'glue' }, { type: 'order.placed' });
    await shown(run, /billing +retry[\s\S]*DoubleAnswersWrong: doubles\/billing\.json: 0\.fail: must be 'transient' or 'permanent'/, from);
    await write('doubles/billing.json', [{ reply: { invoice: 'mended' } }]);

    expect(await answerTo(id)).toEqual({ answered: { invoice: 'mended' } });
    expect((await recorded()).filter((line) => JSON.stringify(line).includes('glue'))).toHaveLength(1);
  });

  test('in an edit a foreign agent appears, and another becomes an agent of the project, whose inbox keeps its messages', async () => {
    await edit(`${AGENTS}/selling/agent.ts`, sellingCode('billing', 'shipping'), /doubled +shipping +/);
    expect(await mesh.agents()).toEqual(['billing', 'selling', 'shipping']);
    expect(existsSync(join(project, '.posthorn/doubles/shipping.ndjson'))).toBe(true);

    await edit(`${AGENTS}/billing/agent.ts`, billingCode, /removed +posthorn-dev-double-billing/);

    const { id } = await mesh.send('billing', {}, { type: 'invoice.wanted' });
    expect(await answerTo(id)).toEqual({ invoice: 'of its own' });
    expect(await mesh.depth('billing', 'error')).toMatchObject({ visible: 1 });
  });

  test('in an edit that is refused for its answers, nothing changes', async () => {
    await write('doubles/printing.json', '[{]');
    await edit(
      `${AGENTS}/selling/agent.ts`,
      sellingCode('billing', 'shipping', 'printing'),
      /not deployed; the previous version keeps running:\s+doubles\/printing\.json is not JSON/,
    );

    expect(await mesh.agents()).toEqual(['billing', 'selling', 'shipping']);
    await edit(`${AGENTS}/selling/agent.ts`, sellingCode('billing', 'shipping'), /fixed/);
  });

  test('in an edit it becomes the owner of the mesh, whose ledger stays; to join it again takes a start', async () => {
    const { id, source } = await mesh.send('billing', {}, { type: 'invoice.wanted' });
    await answerTo(id);
    const joining = await readFile(join(project, 'cdk.json'), 'utf8');

    await edit('cdk.json', joining.replace('"join":true', '"join":false'), /created +ledger/);

    expect(await mesh.records([messageKey('billing', source, id)])).toMatchObject([{ outcome: 'processed' }]);
    const later = await mesh.send('billing', {}, { type: 'invoice.wanted' });
    expect(await answerTo(later.id)).toEqual({ invoice: 'of its own' });
    await edit('cdk.json', joining, /not deployed[\s\S]*joins mesh posthorn-dev, which it has owned until now: start posthorn dev again/);
    expect(await mesh.agents()).toEqual(['billing', 'selling', 'shipping']);
  });
});

describe('a project that is started several times', () => {
  const start = async (project: string) => {
    const { stdout, stderr, ended } = startDev(owner, project, ['--once', '--json']);
    const code = await ended;
    const [up, ...samples] = stdout()
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
    return { code, stderr: stderr(), up, samples };
  };

  /** When each assembly that is kept was written. */
  const assemblies = async (project: string) => {
    const manifests = await Array.fromAsync(glob('.posthorn/cache/{assembly-*,state/assembly-*}/manifest.json', { cwd: project }));
    return Promise.all(manifests.sort().map(async (file) => [file, (await stat(join(project, file))).mtimeMs]));
  };

  test('--json lists the doubles; the second start synthesizes nothing, not even the state', async () => {
    const project = await sellingProject({ join: true, prefix: 'acme' });

    expect(await start(project)).toMatchObject({ code: 0, stderr: '', up: { doubles: ['billing'], unchanged: false } });
    const before = await assemblies(project);
    expect(before).toHaveLength(2);
    expect(await start(project)).toMatchObject({ code: 0, stderr: '', up: { doubles: ['billing'], unchanged: true } });
    expect(await assemblies(project)).toEqual(before);
  });

  test('an app that owns the mesh has doubles too, which samples count on; answers that are wrong end its start', async () => {
    const project = await sellingProject({}, { 'doubles/billing.json': [{ reply: { invoice: 'i-1' } }], 'events/samples/sale.json': SALE });
    expect(await start(project)).toMatchObject({ code: 0, up: { doubles: ['billing'] }, samples: [{ sample: 'sale', differences: [] }] });

    await writeFile(join(project, 'doubles/billing.json'), '{ "reply": 1 }');

    const { code, stderr } = await start(project);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^posthorn: doubles\/billing\.json: the value: must be an array of answers \(it is an object\)\n/);
    expect(stderr).toContain('docs/cli.md');
  });
});
