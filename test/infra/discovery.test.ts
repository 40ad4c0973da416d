import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { discoverAgents, RefusedError } from '../../infra/index.ts';

const agentSource = (id: string, sendsTo: readonly string[] = []) =>
  `export default { id: '${id}', capabilities: [], handle() {}, sendsTo: ${JSON.stringify(sendsTo)} };`;

/** A folder of agents: the text of each `agent.ts` by its folder. */
function agentsFolder(agents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-agents-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, source] of Object.entries(agents)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'agent.ts'), source);
  }
  return folder;
}

test('each folder with an agent is an agent, in the order of their names', async () => {
  const folder = agentsFolder({ beta: agentSource('beta', ['alpha', 'elsewhere']), alpha: agentSource('alpha') });

  expect((await discoverAgents(folder)).map((agent) => [agent.definition.id, agent.folder])).toEqual([
    ['alpha', join(folder, 'alpha')],
    ['beta', join(folder, 'beta')],
  ]);
});

test('the agents of this repository are found', async () => {
  const agents = await discoverAgents(join(import.meta.dirname, '../../functions/agents'));

  expect(agents.map(({ definition }) => definition.id)).toEqual(
    expect.arrayContaining(['document-extraction', 'order-processing', 'report-writing', 'sentiment-analysis']),
  );
});

test('a folder without TypeScript is no agent: notes, or what a removed agent left', async () => {
  const folder = agentsFolder({ alpha: agentSource('alpha') });
  mkdirSync(join(folder, 'removed/node_modules/some-package'), { recursive: true });
  writeFileSync(join(folder, 'removed/node_modules/some-package/index.ts'), '');
  mkdirSync(join(folder, 'notes'));
  writeFileSync(join(folder, 'notes/README.md'), '');

  expect((await discoverAgents(folder)).map(({ definition }) => definition.id)).toEqual(['alpha']);
});

test('each folder with TypeScript but without agent.ts is named', async () => {
  const folder = agentsFolder({ alpha: agentSource('alpha') });
  for (const file of ['beta/agents.ts', 'gamma/lambda.ts']) {
    mkdirSync(join(folder, file, '..'));
    writeFileSync(join(folder, file), agentSource('beta'));
  }

  await expect(discoverAgents(folder)).rejects.toThrow(
    new RefusedError([
      `agent folder 'beta': agent.ts is missing; move code that is not an agent out of ${folder}`,
      `agent folder 'gamma': agent.ts is missing; move code that is not an agent out of ${folder}`,
    ]),
  );
});

test.each([
  [
    'a folder that is not called as its agent',
    { alpha: agentSource('beta') },
    ["agent folder 'alpha': its agent's id is 'beta'; name the folder after the id"],
  ],
  [
    'an id that two agents have',
    { alpha: agentSource('alpha'), beta: agentSource('alpha') },
    [
      "agent folder 'alpha': the id 'alpha' is also that of 'beta'",
      "agent folder 'beta': the id 'alpha' is also that of 'alpha'",
      "agent folder 'beta': its agent's id is 'alpha'; name the folder after the id",
    ],
  ],
  [
    'an agent.ts without a definition',
    { alpha: 'export const agent = {};' },
    ["agent folder 'alpha': agent.ts must export default defineAgent({...})"],
  ],
])('%s is refused', async (_what, agents, problems) => {
  await expect(discoverAgents(agentsFolder(agents))).rejects.toThrow(new RefusedError(problems));
});
