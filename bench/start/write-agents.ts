import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const APP = `import { join } from 'node:path';
import { addMesh, discoverAgents, runApp } from './index.ts';

await runApp(async (app) => {
  addMesh(app, { agents: await discoverAgents(join(import.meta.dirname, '../functions/agents')) });
});
`;

/** The id of an agent, and of its capability. */
export const agentId = (nth: number): string => `agent-${String(nth).padStart(3, '0')}`;

/** Each of them passes a text on to the capability of the next one, and the last one replies. */
const sourceOf = (nth: number, count: number): string => `import { defineAgent } from 'posthorn';
import * as z from 'zod/mini';

export default defineAgent({
  id: '${agentId(nth)}',
  version: '1.0.0',
  description: 'Adds its number to a text.',
  capabilities: [{ id: '${agentId(nth)}', name: 'Number ${nth}', description: 'Adds ${nth} to a text.', tags: ['numbers'] }],
  input: z.object({ text: z.string().check(z.maxLength(10_000)) }),
  ${nth + 1 < count ? `calls: ['${agentId(nth + 1)}'],` : ''}

  async handle({ data }, context) {
    const text = \`\${data.text} ${nth}\`;
    ${nth + 1 < count ? `await context.send({ capability: '${agentId(nth + 1)}' }, { text });` : 'await context.reply({ text });'}
  },
});
`;

/** Replaces the agents of a copy of this project by so many small ones. */
export async function writeAgents(project: string, count: number): Promise<void> {
  const agents = join(project, 'functions/agents');
  await rm(agents, { recursive: true });
  await rm(join(project, 'events/samples'), { recursive: true });
  await writeFile(join(project, 'infra/app.ts'), APP);
  for (let nth = 0; nth < count; nth++) {
    await mkdir(join(agents, agentId(nth)), { recursive: true });
    await writeFile(join(agents, agentId(nth), 'agent.ts'), sourceOf(nth, count));
  }
}
