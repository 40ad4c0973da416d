import { defineAgent } from 'posthorn';
import * as z from 'zod/mini';
import { requireEnglish } from './require-english.ts';
import { scoreEmotions } from './score-emotions.ts';
import { scoreSentiment } from './score-sentiment.ts';

export default defineAgent({
  id: 'sentiment-analysis',
  version: '1.0.0',
  description: 'Says how positive or negative an English text is, and which emotions its words carry.',
  capabilities: [
    {
      id: 'sentiment-analysis',
      name: 'Sentiment analysis',
      description: 'A score from -1 (negative) to 1 (positive) for an English text.',
      tags: ['text', 'sentiment', 'english'],
    },
    {
      id: 'emotion-detection',
      name: 'Emotion detection',
      description: 'The share of each of eight basic emotions among the emotional words of an English text.',
      tags: ['text', 'emotion', 'english'],
    },
  ],
  input: z.object({
    documentId: z.string().check(z.minLength(1), z.maxLength(512)),
    title: z.optional(z.string().check(z.maxLength(300))),
    text: z.string(),
    language: z.optional(z.string().check(z.maxLength(35))),
    counts: z.optional(z.record(z.string(), z.number())),
  }),
  sendsTo: ['report-writing'],
  actions: { analyse: { types: ['document.extracted'] } },

  async handle({ data }, context) {
    const { documentId, title, text, language, counts } = data;
    requireEnglish(text, language);
    const sentiment = scoreSentiment(text);
    const emotions = scoreEmotions(text);
    context.counter(`sentiment.${sentiment.label}`);

    const analysis = { documentId, sentiment, emotions };
    await context.send('report-writing', { ...analysis, title, language: 'eng', counts }, { type: 'document.analysed' });
    return analysis;
  },
});
