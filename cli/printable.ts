/** Text that may come from anyone, without the control characters that must not reach the terminal; line feeds and tabs stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
export const printable = (text: string): string => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
