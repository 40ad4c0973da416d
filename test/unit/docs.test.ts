import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import { MemoryPorts, REPLIES_URL } from '../helpers/memory-ports.ts';
import { createMessage } from '../helpers/records.ts';
import { startAgent } from './runtime/pipeline/testing-agent.ts';

const root = join(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md', 'events/**/*.md', 'bench/*.md'], { cwd: root }).sort();

/** The lines over 120 characters, without code blocks, links that cannot be broken, and the tables of docs/cost.md. */
function longLines(document: string, text: string): readonly string[] {
  const isGenerated = document === 'docs/cost.md';
  return text
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .split('\n')
    .filter((line) => [...line].length > 120 && !/^\S*\[[^\]]*\]\(\S+\)\S*$/.test(line.trim()) && !(isGenerated && line.startsWith('|')));
}

describe('The documents', () => {
  it.each(documents)('%s links to files that are there', (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) => target);

    expect(targets.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
  });

  it.each(documents)('%s has no line of prose over 120 characters', (document) => {
    expect(longLines(document, readFileSync(join(root, document), 'utf8'))).toEqual([]);
  });
});

describe('The agent in README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-readme-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('does what README says', async () => {
    const [, source = ''] = /```ts\n\/\/ agent\.ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const file = join(folder, 'agent.ts');
    const local = source
      .replaceAll("'posthorn'", `'${root}/functions/runtime/index.ts'`)
      .replaceAll("'zod/mini'", `'${import.meta.resolve('zod/mini')}'`);
    writeFileSync(file, local);
    const { default: agent }: { default: AgentDefinition } = await import(pathToFileURL(file).href);
    const ports = new MemoryPorts();

    await startAgent(ports, agent)(createMessage('a', undefined, { envelope: { data: { name: 'Ada' } } }));

    const replies = ports.sentTo(REPLIES_URL).map(({ body }) => JSON.parse(body));
    expect(replies).toMatchObject([{ type: 'greeting.reply', correlationid: 'a', data: { text: 'Hello, Ada!' } }]);
    expect(source.trim().split('\n').length).toBeLessThanOrEqual(20);
  });
});
