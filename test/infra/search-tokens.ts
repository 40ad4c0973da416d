/**
 * The words of a name as CloudWatch's search sees them, in their order: parts of letters, of digits, split at other characters and before
 * capitals.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
const wordsOf = (name: string): readonly string[] => name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];

/** Whether a partial match of CloudWatch's search finds the name: by words that follow each other in it. */
export function isFoundBy(term: string, name: string): boolean {
  const [wanted, words] = [wordsOf(term), wordsOf(name)];
  return words.some((_word, start) => wanted.every((word, index) => words[start + index] === word));
}
