import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { discoverAgents } from '../../infra/discover-agents.ts';
import { RefusedError } from '../../infra/refused-error.ts';

const agentSource = (id: string, sendsTo: readonly string[] = []) =>
  `export default { id: '${id}', capabilities: [], handle() {}, sendsTo: ${JSON.stringify(sendsTo)} };`;

/** A folder of agents: the text of each `agent.ts` by its folder. */
function agentsFolder(agents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-agents-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, source] of Object.entries(agents)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'agent.ts'), source);
    writeFileSync(join(folder, name, 'lambda.ts'), '');
  }
  return folder;
}

test('each folder with an agent is an agent, in the order of their names', async () => {
  const folder = agentsFolder({ beta: agentSource('beta', ['alpha']), alpha: agentSource('alpha') });
  mkdirSync(join(folder, 'notes'));

  expect((await discoverAgents(folder)).map(({ definition, entry }) => [definition.id, entry])).toEqual([
    ['alpha', join(folder, 'alpha', 'lambda.ts')],
    ['beta', join(folder, 'beta', 'lambda.ts')],
  ]);
});

test('the agents of this repository are found', async () => {
  const agents = await discoverAgents(join(import.meta.dirname, '../../functions/agents'));

  expect(agents.map(({ folder }) => folder)).toEqual(
    expect.arrayContaining(['document-extraction', 'order-processing', 'report-writing', 'sentiment-analysis']),
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
    'a target that does not exist',
    { alpha: agentSource('alpha', ['alpha', 'gamma']) },
    ["agent 'alpha': sendsTo names 'gamma', which does not exist; agents are alpha"],
  ],
  [
    'an agent.ts without a definition',
    { alpha: 'export const agent = {};' },
    ["agent folder 'alpha': agent.ts must export default defineAgent({...})"],
  ],
])('%s is refused', async (_what, agents, problems) => {
  await expect(discoverAgents(agentsFolder(agents))).rejects.toThrow(new RefusedError(problems));
});

test('a folder without an entry for Lambda is refused', async () => {
  const folder = agentsFolder({ alpha: agentSource('alpha') });
  rmSync(join(folder, 'alpha', 'lambda.ts'));

  await expect(discoverAgents(folder)).rejects.toThrow("agent folder 'alpha': lambda.ts is missing, the entry of its function");
});
