import * as z from 'zod/mini';
import { escapeMarkdown } from './escape-markdown.ts';

const share = z.number().check(z.gte(0), z.lte(1));

/** The input of a report. */
export const analysisSchema = z.object({
  documentId: z.string().check(z.minLength(1), z.maxLength(512)),
  title: z.optional(z.string().check(z.maxLength(300))),
  language: z.optional(z.string().check(z.maxLength(35))),
  counts: z.optional(z.record(z.string().check(z.maxLength(64)), z.number())),
  sentiment: z.object({
    score: z.number().check(z.gte(-1), z.lte(1)),
    label: z.enum(['negative', 'neutral', 'positive']),
    ratedWords: z.int().check(z.nonnegative()),
  }),
  emotions: z.record(z.string().check(z.maxLength(64)), share),
});

export type Analysis = z.output<typeof analysisSchema>;

/**
 * The report as Markdown. The same analysis gives the same bytes, so a repeated report is stored once.
 *
 * @example
 * ```ts
 * reportOf({ documentId: 'd1', sentiment: { score: 0.4, label: 'positive', ratedWords: 3 }, emotions: { joy: 1 } });
 * ```
 */
export function reportOf({ documentId, title, language, counts, sentiment, emotions }: Analysis): string {
  const felt = Object.entries(emotions)
    .filter(([, share]) => share > 0)
    .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
  const facts: readonly (readonly [string, string])[] = [
    ['Document', escapeMarkdown(documentId)],
    ...(language === undefined ? [] : [['Language', escapeMarkdown(language)] as const]),
    ...Object.entries(counts ?? {}).map(([name, count]) => [escapeMarkdown(capitalised(name)), count.toLocaleString('en')] as const),
  ];
  return [
    `# ${escapeMarkdown(title ?? `Document ${documentId}`)}`,
    table(['Fact', 'Value'], facts),
    '## Sentiment',
    `**${capitalised(sentiment.label)}** (${sentiment.score.toFixed(3)} from -1 to 1, by ${sentiment.ratedWords.toLocaleString('en')} rated words).`,
    '## Emotions',
    felt.length === 0
      ? 'No emotional words were found.'
      : table(
          ['Emotion', 'Share'],
          felt.map(([name, share]) => [escapeMarkdown(capitalised(name)), `${(share * 100).toFixed(1)}%`]),
        ),
  ]
    .join('\n\n')
    .concat('\n');
}

function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  return [head, ['---', '---'], ...rows].map(([left, right]) => `| ${left} | ${right} |`).join('\n');
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
