/** Control characters except line feed and tab, text direction controls, line and paragraph separators, lone surrogates. */
const UNPRINTABLE = /(?![\n\t])\p{Cc}|[\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Replaces the characters that could control the terminal, forge a line or reorder the text. */
export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, '\ufffd');

/** The same on one line: line breaks and tabs become spaces. */
export const printableLine = (text: string): string => printable(text.replaceAll(/[\r\n\t]+/g, ' '));
