import { printable } from './printable.ts';

/** How much of one message a screen shows. */
const MAX_LINES = 16;
const MAX_CHARACTERS = 800;

/** JSON over several lines; other text unchanged. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch (error) {
    // Not JSON, or nested too deeply to print.
    if (error instanceof SyntaxError || error instanceof RangeError) return text;
    throw error;
  }
}

/** The beginning of a text, as pretty JSON if it is JSON, and how much more there is. */
export function foldedJson(text: string): string {
  const whole = printable(prettyJson(text));
  const start = whole.slice(0, MAX_CHARACTERS).split('\n').slice(0, MAX_LINES).join('\n');
  if (start === whole) return whole;
  return `${start}\n… ${(whole.length - start.length).toLocaleString('en')} more characters, --full shows all`;
}

export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);

export const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
