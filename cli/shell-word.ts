import { printableLine } from './printable.ts';

/** A word as a POSIX shell takes it, quoted where needed. */
export const shellWord = (word: string): string => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The same for untrusted text; `undefined` for what a terminal would not show as it is: a copy of it would be another word. */
export const copyableWord = (word: string): string | undefined => (printableLine(word) === word ? shellWord(word) : undefined);
