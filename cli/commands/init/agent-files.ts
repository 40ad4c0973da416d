import type { NewFile } from './write-files.ts';

/** The files of a new agent: its definition, its test, and a sample event. */
export function agentFiles(id: string): readonly NewFile[] {
  return [
    { path: `functions/agents/${id}/agent.ts`, text: agentSource(id) },
    { path: `functions/agents/${id}/agent.test.ts`, text: testSource(id) },
    { path: `events/samples/${id}.json`, text: sampleSource(id) },
  ];
}

const titleOf = (id: string): string => id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase());

const agentSource = (id: string): string => `import { defineAgent } from 'posthorn';
import * as z from 'zod/mini';

export default defineAgent({
  id: '${id}',
  version: '1.0.0',
  description: 'Greets people by name.',
  capabilities: [{ id: '${id}', name: '${titleOf(id)}', description: 'Says hello.', tags: ['demo'] }],
  input: z.object({ name: z.string().check(z.minLength(1), z.maxLength(100)) }),

  async handle({ data }, context) {
    context.logger.info('greeting');
    await context.reply({ text: \`Hello, \${data.name}!\` });
  },
});
`;

const testSource = (id: string): string => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext, fakeMessage, startMesh } from 'posthorn/testing';
import agent from './agent.ts';

test('greets by name', async () => {
  const context = fakeContext();

  await agent.handle(fakeMessage({ name: 'Ada' }), context);

  assert.deepEqual(context.replies, [{ text: 'Hello, Ada!' }]);
});

test('takes a message from its inbox to its reply', async () => {
  await using mesh = await startMesh({ agents: [agent] });

  const { id } = await mesh.send('${id}', { name: 'Ada' });

  assert.equal((await mesh.outcomeOf(id)).outcome, 'processed');
  assert.deepEqual(
    (await mesh.replies()).map(({ data }) => data),
    [{ text: 'Hello, Ada!' }],
  );
});

test('rejects a message without a name', async () => {
  await using mesh = await startMesh({ agents: [agent] });

  const { id } = await mesh.send('${id}', { name: '' });

  assert.equal((await mesh.outcomeOf(id)).outcome, 'rejected');
});
`;

const sampleSource = (id: string): string =>
  `${JSON.stringify(
    {
      title: 'Someone to greet',
      description: 'One message, one reply.',
      agent: id,
      events: [
        {
          specversion: '1.0',
          id: `${id}-ada`,
          source: 'https://samples.example.com/producer',
          type: `${id}.requested`,
          time: '2026-01-01T09:00:00Z',
          datacontenttype: 'application/json',
          data: { name: 'Ada' },
        },
      ],
      expect: { outcomes: { [id]: { processed: 1 } }, replies: 1 },
    },
    undefined,
    2,
  )}\n`;
