import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { synthesizeFixture } from './fixture-mesh.ts';

const folder = join(import.meta.dirname, '../../docs/runbooks');
const pages = globSync('*.md', { cwd: folder })
  .filter((file) => file !== 'README.md')
  .sort();

const alarmSchema = z.object({ Properties: z.object({ AlarmName: z.string(), AlarmDescription: z.string() }) });

/** All alarms of a mesh, with every level. */
const { state, agent } = synthesizeFixture({
  alarms: JSON.stringify(
    Object.fromEntries(
      ['deadLetterDepth', 'errorDepth', 'oldestMessageAgeSeconds', 'inboxDepth'].map((key) => [key, { warning: 1, critical: 2 }]),
    ),
  ),
});
const alarms = [state, agent('asking')]
  .flatMap((template) => Object.values(template.findResources('AWS::CloudWatch::Alarm')))
  .map((alarm) => alarmSchema.parse(alarm).Properties)
  .map(({ AlarmName, AlarmDescription }) => ({
    name: AlarmName,
    page: / Runbook: node_modules\/posthorn\/docs\/runbooks\/(\S+\.md)$/.exec(AlarmDescription)?.[1],
  }));

test('each alarm names its page, and each page has its alarm', () => {
  expect(alarms).toHaveLength(2 * 4 + 9);
  expect([...new Set(alarms.map(({ page }) => page))].sort()).toEqual(pages);
});

test.each(alarms)('the page of $name is about it, and says what it means, where to look and what to do', ({ name, page = '' }) => {
  const text = readFileSync(join(folder, page), 'utf8');

  expect(
    name
      .replace(/-(warning|critical)$/, '')
      .replace('mesh-', '')
      .endsWith(page.replace('.md', '')),
  ).toBe(true);
  expect(text.startsWith(`# ${page.replace('.md', '')}\n`)).toBe(true);
  expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(['Meaning', 'Look at', 'Do']);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`(${page})`);
});
