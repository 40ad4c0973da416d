/** Characters that JSON allows in a string and that terminals or line readers interpret: see {@link printable}. */
const ESCAPED = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON on one line, with those characters escaped. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replaceAll(ESCAPED, escaped);

/** The same over several lines, for people. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replaceAll(ESCAPED, (character) => (character === '\n' ? character : escaped(character)));

/** Writes a line of machine output. */
export const printJson = (value: unknown): void => console.log(jsonLine(value));
