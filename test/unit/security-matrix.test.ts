import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderMatrix } from '../../tools/security/render-matrix.ts';
import { sampleAccess } from '../../tools/security/sample-access.ts';

const records = await sampleAccess();
const page = renderMatrix(records);

test('docs/security-matrix.md shows what follows from the policy and the definitions', () => {
  expect(readFileSync(new URL('../../docs/security-matrix.md', import.meta.url), 'utf8')).toBe(page);
});

test('it has a row for the replies that an agent receives', () => {
  const [access] = records;
  if (access === undefined) throw new Error('there are no agents');

  expect(renderMatrix([{ ...access, repliesTo: [access.agent] }])).toMatch(
    /\n\| agent:\* +\| reply +\| \*\.reply +\| receivesReplies \| \/agents\/<id> +\|\n/,
  );
});

test('it names each agent, and no sender that may do nothing', () => {
  const sections = page.split('\n## ').slice(1);

  expect(sections.map((section) => section.split('\n')[0])).toEqual([
    'document-extraction',
    'order-processing',
    'report-writing',
    'sentiment-analysis',
    'sentiment-v2',
  ]);
  expect(sections[0]).toMatch(/producer:uploader +\| process_documents +\| document\.received +\| role:uploader/);
  expect(sections[0]).not.toContain('analyst');
});
