/**
 * Breaks a list after its commas, so that no line is longer than `columns` if possible.
 *
 * @param indent of all lines but the first
 */
export function wrap(list: string, columns: number, indent: number): string {
  return list.split(/(?<=[,;]) /).reduce((text, item) => {
    const lastLine = text.length - (text.lastIndexOf('\n') + 1);
    return lastLine + 1 + item.length <= columns ? `${text} ${item}` : `${text}\n${' '.repeat(indent)}${item}`;
  });
}
