import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeshClient } from '../../../client/index.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, collectReplies, type DevRun, devProject, shown, startDev } from './dev-project.ts';

const AGENTS = 'functions/agents';

/** Has an invoice written by whoever can, and puts the answer on the replies queue. */
const sellingCode = (receivesReplies: boolean): string => `
import * as z from 'zod/mini';
import { defineAgent } from '../../runtime/agent/define-agent.ts';

export default defineAgent({
  id: 'selling',
  version: '1.0.0',
  description: 'Sells.',
  capabilities: [{ id: 'selling', name: 'Selling', description: 'Sells.', tags: [] }],
  input: z.looseObject({}),
  calls: ['invoicing'],
  receivesReplies: ${receivesReplies},
  async handle({ type, data }, context) {
    if (type.endsWith('.reply')) await context.reply({ answered: data });
    else await context.send({ capability: 'invoicing', version: '>=2.0' }, data, { type: 'invoice.wanted', replyTo: 'selling' });
  },
});
`;

const billingCode = `
import * as z from 'zod/mini';
import { defineAgent } from '../../runtime/agent/define-agent.ts';

export default defineAgent({
  id: 'billing',
  version: '2.0.0',
  description: 'Bills.',
  capabilities: [{ id: 'invoicing', name: 'Invoicing', description: 'Bills.', tags: [] }],
  input: z.looseObject({}),
  handle: async (_message, context) => context.reply({ invoice: 'of its own' }),
});
`;

const owner = new AsyncDisposableStack();
afterAll(() => owner.disposeAsync());

let project: string;
let run: DevRun;
let mesh: MeshClient;
/** Data of the replies by the correlation id of their journey. */
let replies: ReadonlyMap<string, unknown>;

async function write(file: string, content: string | object): Promise<void> {
  await mkdir(dirname(join(project, file)), { recursive: true });
  await writeFile(join(project, file), typeof content === 'string' ? content : JSON.stringify(content));
}

async function edit(file: string, content: string, expected: RegExp): Promise<void> {
  const from = run.stdout().length;
  await write(file, content);
  await shown(run, expected, from);
}

beforeAll(async () => {
  project = await devProject(owner, {
    [`${AGENTS}/selling/agent.ts`]: sellingCode(true),
    'doubles/invoicing.json': { version: '2.1.0', answers: [{ when: { type: 'invoice.wanted' }, reply: { invoice: 'i-1' } }] },
  });
  await rm(join(project, `${AGENTS}/order-processing`), { recursive: true });
  const configuration = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8'));
  await write('cdk.json', { ...configuration, context: { ...configuration.context, join: true, appName: 'shop' } });
  run = startDev(owner, project, []);
  await shown(run, /ends the mesh/);
  mesh = clientOf(owner, await shown(run, /is up at (http:\S+)/));
  replies = collectReplies(owner, mesh);
});

/** Sells something. @returns what the mesh answers */
async function sell(item: string): Promise<unknown> {
  const { id } = await mesh.send('selling', { item }, { type: 'order.placed' });
  return until(`an answer to ${item}`, () => replies.get(id), { describe: () => run.stdout() + run.stderr() });
}

test('a capability that no agent of the project offers has a double, which is shown and found', async () => {
  expect(run.stdout()).toMatch(/^ {2}agents +selling$/m);
  expect(run.stdout()).toMatch(/^ {2}doubles +invoicing \(for capabilities that no agent here offers; answers from doubles\/<id>\.json,/m);
  await until('it is found', async () => (await mesh.findAgents({ capability: 'invoicing', version: '>=2.0' })).length === 1);
});

test('its answer comes back to an agent that receives replies, and that named nobody', async () => {
  expect(await sell('ink')).toEqual({ answered: { invoice: 'i-1' } });
  expect(await readFile(join(project, '.posthorn/doubles/invoicing.ndjson'), 'utf8')).toContain('"source":"/agents/selling"');
});

test('its answer goes to the replies queue once the agent receives none, as on AWS', async () => {
  await edit(`${AGENTS}/selling/agent.ts`, sellingCode(false), /updated .*selling/);
  await until('the registry knows', async () => (await mesh.access('invoicing'))?.repliesTo === undefined);

  expect(await sell('paper')).toEqual({ invoice: 'i-1' });
});

test('it is gone once an agent of the project offers the capability, which then gets the messages', async () => {
  await edit(`${AGENTS}/billing/agent.ts`, billingCode, /removed +posthorn-dev-double-invoicing/);
  await until('it is not found', async () => {
    const found = await mesh.findAgents({ capability: 'invoicing' });
    return found.length === 1 && found[0]?.agent === 'billing';
  });

  // A process uses the offers that it has for ten seconds: what it sends then waits in the double's inbox.
  await until('billing answers', async () => {
    const { id } = await mesh.send('selling', { item: 'glue' }, { type: 'order.placed' });
    await until('it is sent', async () => (await Array.fromAsync(mesh.journey(id))).some(({ source }) => source === '/agents/selling'), {
      describe: () => run.stdout() + run.stderr(),
    });
    return JSON.stringify(replies.get(id)) === JSON.stringify({ invoice: 'of its own' });
  });
});
