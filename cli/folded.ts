/**
 * A line broken at spaces, so that no line is longer than `columns` if possible. A word is never broken: ids stay whole.
 *
 * @param indent of all lines but the first
 */
export function folded(line: string, columns: number, indent: number): string {
  let length = 0;
  return line
    .split(/(?<=\S) /)
    .map((word, nth) => {
      const isNewLine = nth > 0 && length + 1 + word.length > columns;
      length = isNewLine ? indent + word.length : length + (nth > 0 ? 1 : 0) + word.length;
      return `${nth === 0 ? '' : isNewLine ? `\n${' '.repeat(indent)}` : ' '}${word}`;
    })
    .join('');
}
