/**
 * The words of a text in lower case, one at a time, so that a long text is never held as a list; curly apostrophes are
 * made straight.
 *
 * @example
 * ```ts
 * [...wordsOf('It isn’t late!')]; // ['it', "isn't", 'late']
 * ```
 */
export function* wordsOf(text: string): Generator<string, void> {
  for (const [word] of text.matchAll(/\p{L}+(?:['’-]\p{L}+)*/gu)) yield word.toLowerCase().replaceAll('’', "'");
}
