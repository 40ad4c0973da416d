import type { Context } from 'posthorn';
import * as z from 'zod/mini';
import { requireEnglish } from './require-english.ts';
import { scoreEmotions } from './score-emotions.ts';
import type { Sentiment } from './score-sentiment.ts';

/** A text to analyse, with what is known of its document. */
export const textSchema = z.object({
  documentId: z.string().check(z.minLength(1), z.maxLength(512)),
  title: z.optional(z.string().check(z.maxLength(300))),
  text: z.string(),
  language: z.optional(z.string().check(z.maxLength(35))),
  counts: z.optional(z.record(z.string(), z.number())),
});

/** Analyses a text, and has a report written. @param score how a version scores a text */
export async function analyse(
  { documentId, title, text, language, counts }: z.output<typeof textSchema>,
  context: Context<never, 'analyse', 'report-writing'>,
  score: (text: string) => Sentiment,
): Promise<object> {
  requireEnglish(text, language);
  const sentiment = score(text);
  const emotions = scoreEmotions(text);
  context.counter(`sentiment.${sentiment.label}`);

  const analysis = { documentId, sentiment, emotions };
  await context.send({ capability: 'report-writing' }, { ...analysis, title, language: 'eng', counts }, { type: 'document.analysed' });
  return analysis;
}
