/** Matches a word's last letter only: a repetition of millions overflows the stack of the expression's engine. */
const WORD_END = /\p{L}(?!['’-]?\p{L})/gu;

/**
 * The words of a text in lower case, one at a time, so that a long text is never a list in memory. It makes curly apostrophes
 * straight.
 *
 * @example
 * ```ts
 * [...wordsOf('It isn’t late!')]; // ['it', "isn't", 'late']
 * ```
 */
export function* wordsOf(text: string): Generator<string, void> {
  let from = 0;
  for (const { 0: last, index } of text.matchAll(WORD_END)) {
    const end = index + last.length;
    const upToEnd = text.slice(from, end);
    yield upToEnd.slice(upToEnd.search(/\p{L}/u)).toLowerCase().replaceAll('’', "'");
    from = end;
  }
}
