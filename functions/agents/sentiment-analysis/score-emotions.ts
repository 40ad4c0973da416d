import { type Emotion, emotionLexicon, emotions } from './emotion-lexicon.ts';
import { wordsOf } from './words-of.ts';

/** Each emotion's share of the emotional words, 0 to 1, three decimals; all 0 without emotional words. */
export type EmotionShares = Readonly<Record<Emotion, number>>;

const emotionsOf = new Map<string, readonly Emotion[]>();
for (const emotion of emotions) {
  for (const word of emotionLexicon[emotion].split(/\s+/)) emotionsOf.set(word, [...(emotionsOf.get(word) ?? []), emotion]);
}

/**
 * Scores eight basic emotions by the words of an English text.
 *
 * @example
 * ```ts
 * scoreEmotions('I was afraid, then relieved and happy').joy; // 0.667
 * ```
 */
export function scoreEmotions(text: string): EmotionShares {
  const counts = new Map<Emotion, number>();
  let total = 0;
  for (const word of wordsOf(text)) {
    for (const emotion of emotionsOf.get(word) ?? []) {
      counts.set(emotion, (counts.get(emotion) ?? 0) + 1);
      total++;
    }
  }
  const share = (emotion: Emotion) => (total === 0 ? 0 : Math.round(((counts.get(emotion) ?? 0) / total) * 1_000) / 1_000);
  return {
    joy: share('joy'),
    trust: share('trust'),
    fear: share('fear'),
    surprise: share('surprise'),
    sadness: share('sadness'),
    disgust: share('disgust'),
    anger: share('anger'),
    anticipation: share('anticipation'),
  };
}
