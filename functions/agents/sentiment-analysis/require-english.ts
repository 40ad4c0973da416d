import { francAll } from 'franc-min';
import { PermanentError } from 'posthorn';

/** Text has almost no control or replacement characters. Above this share the input is not text. */
const MAX_BINARY_SHARE = 0.01;

/** Short texts score similarly in many languages. English passes if its score is this close to the best one. */
const NEAR_BEST = 0.9;

/**
 * Refuses input that the lexicons cannot score: an empty text, binary data, another language.
 *
 * @param language the sender's BCP 47 or ISO 639-3 code; with `und` or none it is guessed from the text
 * @throws PermanentError `EmptyText`, `BinaryText`, `UnsupportedLanguage`
 * @example
 * ```ts
 * requireEnglish('Guten Morgen, meine Damen und Herren'); // throws PermanentError UnsupportedLanguage
 * ```
 */
export function requireEnglish(text: string, language?: string): void {
  if (text.trim() === '') throw new PermanentError('EmptyText', 'the text is empty');

  const binary = text.match(/[^\P{Cc}\s]|\uFFFD/gu)?.length ?? 0;
  if (binary / text.length > MAX_BINARY_SHARE) {
    throw new PermanentError('BinaryText', `${binary} of ${text.length} characters are control or replacement characters`);
  }
  const known = language === undefined || language === 'und' ? guess(text) : language;
  if (!/^(en|eng)(-|$)/i.test(known)) {
    throw new PermanentError('UnsupportedLanguage', `the text's language is ${known}, only English (en, eng) is analysed`);
  }
}

/** Latin texts too short to guess pass as English: the lexicons know their words or find none. */
function guess(text: string): string {
  const ranking = francAll(text);
  const best = ranking[0]?.[0] ?? 'und';
  if (best === 'und') return /\p{L}/u.test(text) && !/(?!\p{Script=Latin})\p{L}/u.test(text) ? 'eng' : 'und';
  return ranking.some(([language, score]) => language === 'eng' && score >= NEAR_BEST) ? 'eng' : best;
}
