import { type Sentiment, scoreSentiment } from '../sentiment-analysis/score-sentiment.ts';

/** Adverbs of degree: what a rated word after one of them counts. */
const DEGREES: ReadonlyMap<string, number> = new Map([
  ...['very', 'really', 'extremely', 'absolutely', 'incredibly', 'totally'].map((word) => [word, 1.5] as const),
  ...['slightly', 'somewhat', 'rather', 'fairly', 'quite'].map((word) => [word, 0.5] as const),
]);

/**
 * As `scoreSentiment`, and a word counts more or less after an adverb of degree. No score is beyond -1 or 1.
 *
 * @example
 * ```ts
 * scoreWithDegrees('The food was very good.').score > scoreWithDegrees('The food was slightly good.').score; // true
 * ```
 */
export const scoreWithDegrees = (text: string): Sentiment => scoreSentiment(text, DEGREES);
