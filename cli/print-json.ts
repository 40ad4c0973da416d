/** What JSON lets stand in a string, and a terminal or a reader of lines takes for more: see {@link printable}. */
const ESCAPED = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** JSON on one line, whatever characters are in it. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes a line of machine output. */
export const printJson = (value: unknown): void => console.log(jsonLine(value));
