import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import agent from '../../../functions/agents/report-writing/agent.ts';
import { escapeMarkdown } from '../../../functions/agents/report-writing/escape-markdown.ts';
import { type Analysis, reportOf } from '../../../functions/agents/report-writing/report.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeMessage } from '../../../testing/fake-message.ts';

const analysis: Analysis = {
  documentId: 'd-1',
  title: 'Kettle',
  language: 'eng',
  counts: { characters: 12_345, words: 2 },
  sentiment: { score: 0.46, label: 'positive', ratedWords: 1_500 },
  emotions: { anger: 0, trust: 0.25, joy: 0.75 },
};

describe('report-writing', () => {
  it('stores the report and replies its reference, which is the result too', async () => {
    const context = fakeContext();

    const result = await agent.handle(fakeMessage(z.parse(agent.input, analysis)), context);

    expect(result).toMatchObject({ documentId: 'd-1', report: { contentType: 'text/markdown', uri: expect.stringMatching(/^s3:/) } });
    expect(context.replies).toEqual([result]);
    expect([...context.stored.values()]).toEqual([reportOf(analysis)]);
  });

  it.each([
    ['a score beyond 1', { ...analysis, sentiment: { ...analysis.sentiment, score: 7 } }],
    ['no sentiment', { documentId: 'd-1', emotions: {} }],
    ['an emotion that is no number', { ...analysis, emotions: { joy: 'much' } }],
  ])('refuses %s', (_, data) => {
    expect(z.safeParse(agent.input, data).success).toBe(false);
  });
});

describe('reportOf', () => {
  it('writes all that is known', () => {
    expect(reportOf(analysis)).toBe(`# Kettle

| Fact | Value |
| --- | --- |
| Document | d\\-1 |
| Language | eng |
| Characters | 12,345 |
| Words | 2 |

## Sentiment

**Positive** (0.460 from -1 to 1, by 1,500 rated words).

## Emotions

| Emotion | Share |
| --- | --- |
| Joy | 75.0% |
| Trust | 25.0% |
`);
  });

  it('writes a report without the optional fields', () => {
    const report = reportOf({ documentId: 'd-2', sentiment: { score: 0, label: 'neutral', ratedWords: 0 }, emotions: {} });

    expect(report).toContain('# Document d\\-2\n');
    expect(report).toContain('No emotional words were found.');
  });

  it('lets nothing from outside become Markdown or HTML', () => {
    const hostile = '# x\n\n<script>alert(1)</script> [a](javascript:alert(1)) | ![i](https://evil.example/i.png) `c`';

    const report = reportOf({ ...analysis, title: hostile, documentId: hostile, language: 'e|n', counts: { [hostile.slice(0, 64)]: 1 } });

    expect(report).not.toMatch(/(?<!\\)(<|\[|`|!)/);
    expect(report).not.toMatch(/https?:|javascript:/);
    expect(report.split('\n').filter((line) => line.startsWith('#'))).toHaveLength(3);
    for (const row of report.split('\n').filter((line) => line.startsWith('|'))) expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
  });
});

describe('escapeMarkdown', () => {
  it.each([
    ['plain words, é and 日本', 'plain words\\, é and 日本'],
    ['two\n\nlines\u2028more', 'two lines more'],
    ['\u0000\u0007', ''],
    ['a|b', 'a\\|b'],
    ['back\\slash', 'back\\\\slash'],
    ['&lt;b&gt;', '\\&lt\\;b\\&gt\\;'],
    ['https://evil.example', 'https&#58;//evil\\.example'],
    ['www.evil.example', 'www\\.evil\\.example'],
    ['you@evil.example', 'you\\@evil\\.example'],
  ])('makes %j plain', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});
