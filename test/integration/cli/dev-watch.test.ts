import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MeshClient } from '../../../client/index.ts';
import { until } from '../../helpers/until.ts';
import { clientOf, collectReplies, type DevRun, devProject, shown, startDev } from './dev-project.ts';

const AGENT = 'functions/agents/greeting/agent.ts';

interface Agent {
  readonly id?: string;
  /** The code of its reply's text. */
  readonly text: string;
  /** Further lines of its definition. */
  readonly definition?: string;
}

/** Replies a text. With `gate`, a path, it creates a file there when it begins, and replies when another file, `open`, exists. */
const agentCode = ({ id = 'greeting', text, definition = '' }: Agent): string => `
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { defineAgent } from '../../runtime/agent/define-agent.ts';

export default defineAgent({
  id: '${id}',
  version: '1.0.0',
  description: 'Greets.',
  capabilities: [{ id: '${id}', name: 'Greeting', description: 'Says hello.', tags: [] }],
  input: z.object({ gate: z.optional(z.string()) }),
  ${definition}
  async handle({ data: { gate } }, context) {
    if (gate !== undefined) writeFileSync(gate + '.begun', '');
    while (gate !== undefined && !existsSync(gate + '.open')) await setTimeout(20);
    await context.reply({ text: ${text} });
  },
});
`;

const owner = new AsyncDisposableStack();
afterAll(() => owner.disposeAsync());

describe('while it runs, an edit of the project', () => {
  let project: string;
  let run: DevRun;
  let mesh: MeshClient;
  /** By the id of the message. */
  let replies: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    project = await devProject(owner, { [AGENT]: agentCode({ text: "'before it was up'" }) });
    await rm(join(project, 'functions/agents/order-processing'), { recursive: true });
    run = startDev(owner, project, []);
    mesh = clientOf(owner, await shown(run, /is up at (http:\S+)/));
    // As it may be before the files are watched.
    await edit(AGENT, agentCode({ text: "'first'" }), /updated +greeting +/);
    replies = collectReplies(owner, mesh);
  });

  async function edit(file: string, text: string | undefined, expected: RegExp): Promise<string> {
    const from = run.stdout().length;
    const path = join(project, file);
    if (text === undefined) await rm(dirname(path), { recursive: true });
    else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    await shown(run, expected, from);
    return run.stdout().slice(from);
  }

  async function replyTo(data: object, agent = 'greeting'): Promise<unknown> {
    const { id } = await mesh.send(agent, data, { type: 'test' });
    const reply = await until(`a reply to ${id}`, () => replies.get(id), { describe: () => run.stdout() });
    return typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : undefined;
  }

  test('of a handler is live for the next message; an invocation that runs ends on the old code, and queues keep what they hold', async () => {
    const gate = join(project, '.posthorn/gate');
    expect(await replyTo({})).toBe('first');
    await mesh.send('greeting', { gate: 7 }, { type: 'test' });
    await shown(run, /greeting +rejected/);
    const slow = replyTo({ gate });
    await until('it has begun', () => existsSync(`${gate}.begun`));

    await edit(AGENT, agentCode({ text: "'second'" }), /updated +greeting +/);

    expect(await replyTo({})).toBe('second');
    await writeFile(`${gate}.open`, '');
    expect(await slow).toBe('first');
    expect(await mesh.depth('greeting', 'error')).toMatchObject({ visible: 1 });
  });

  test.each([
    ['syntax', 'const half = ;', /agent\.ts:20\b[\s\S]*(SyntaxError|error TS1109)/],
    ['type', "export const count: number = 'x';", /agent\.ts:20:14: error TS2322: Type 'string' is not assignable/],
  ])('with a %s error is shown with file and line, and the previous version keeps running', async (_kind, line, expected) => {
    const output = await edit(AGENT, `${agentCode({ text: "'wrong'" })}${line}\n`, expected);

    expect(output).toMatch(/not deployed; the previous version keeps running/);
    expect(await replyTo({})).toBe('second');

    await edit(AGENT, agentCode({ text: "'second'" }), /fixed/);
    expect(await replyTo({})).toBe('second');
  });

  test('of cdk.json that does not parse is shown, and the previous version keeps running', async () => {
    const configuration = await readFile(join(project, 'cdk.json'), 'utf8');

    const output = await edit('cdk.json', configuration.slice(0, 40), /cdk\.json/);

    expect(output).toMatch(/not deployed; the previous version keeps running/);
    expect(await replyTo({})).toBe('second');
    await edit('cdk.json', configuration, /fixed/);
  });

  test('of a definition changes the resources in place', async () => {
    const output = await edit(AGENT, agentCode({ text: "'third'", definition: 'timeoutSeconds: 20,' }), /updated .*greeting-inbox/);

    expect(output).toMatch(/updated .*\bgreeting\b/);
    expect(await replyTo({})).toBe('third');
    expect(await mesh.depth('greeting', 'error')).toMatchObject({ visible: 1 });
  });

  test('adds an agent, and removes one, whose queues are reported with what they hold', async () => {
    const second = 'functions/agents/farewell/agent.ts';
    await edit(second, agentCode({ id: 'farewell', text: "'bye'" }), /created .*\bfarewell\b/);
    expect(await replyTo({}, 'farewell')).toBe('bye');
    await mesh.send('farewell', { gate: 7 }, { type: 'test' });
    await shown(run, /farewell +rejected/);

    const output = await edit(second, undefined, /removed/);

    expect(output).toMatch(/removed +posthorn-dev-agent-farewell: .*still hold messages: farewell-errors 1/);
    expect(await mesh.depth('farewell', 'error')).toMatchObject({ visible: 1 });
    expect(await replyTo({})).toBe('third');
  });
});

test('--no-watch leaves an edit to the next start', async () => {
  const project = await devProject(owner, { [AGENT]: agentCode({ text: "'first'" }) });
  await rm(join(project, 'functions/agents/order-processing'), { recursive: true });
  const run = startDev(owner, project, ['--no-watch']);
  const mesh = clientOf(owner, await shown(run, /is up at (http:\S+)[\s\S]*ends the mesh/));
  expect(run.stdout()).not.toContain('Edits go live');

  await writeFile(join(project, AGENT), agentCode({ text: "'second'" }));
  const { id } = await mesh.send('greeting', {}, { type: 'test' });

  for await (const { envelope } of mesh.replies()) {
    expect(envelope).toMatchObject({ correlationid: id, data: { text: 'first' } });
    break;
  }
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(0);
  expect(run.stdout()).not.toMatch(/updated/);
});
