/** The counts of a text. */
export interface TextCounts {
  /** Unicode code points. */
  readonly characters: number;
  /** Runs of letters and digits, joined by an apostrophe, full stop or hyphen; a script without spaces between words counts a run as one. */
  readonly words: number;
  /** Ends of sentences, and a last sentence without a full stop. Abbreviations count as ends. */
  readonly sentences: number;
}

/** Matches a word's last character only: a repetition of millions overflows the stack of the expression's engine. */
const WORD_END = /[\p{L}\p{N}](?!['’.-]?[\p{L}\p{N}])/gu;
/** Starts at a run's first mark only, so that the engine does not retry a long run at each mark. */
const SENTENCE_END = /(?<![.!?…])[.!?…]+(?=["'”’)\]]*(?:\s|$))|[。！？]/gu;
const CODE_POINT = /./gsu;

/**
 * Counts characters, words and sentences in one pass each, without a list of them: 5 MB take about a second.
 *
 * @example
 * ```ts
 * countText('It works. Well done!'); // { characters: 20, words: 4, sentences: 2 }
 * ```
 */
export function countText(text: string): TextCounts {
  const words = count(text, WORD_END);
  const ends = count(text, SENTENCE_END);
  const openEnd = words > 0 && !/[.!?…。！？]["'”’)\]]*\s*$/u.test(text.slice(-50));
  return { characters: count(text, CODE_POINT), words, sentences: ends + (openEnd ? 1 : 0) };
}

function count(text: string, pattern: RegExp): number {
  let matches = 0;
  for (pattern.lastIndex = 0; pattern.test(text); matches++);
  return matches;
}
