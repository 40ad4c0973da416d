/** Controls but line feed and tab, the controls of text direction, line and paragraph separators, lone surrogates. */
const UNPRINTABLE = /(?![\n\t])\p{Cc}|[\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from outside, without the characters that would steer the terminal, forge a line or turn the order of what is read. */
export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, '\ufffd');

/** The same on one line: line breaks and tabs become spaces. */
export const printableLine = (text: string): string => printable(text.replaceAll(/[\r\n\t]+/g, ' '));
