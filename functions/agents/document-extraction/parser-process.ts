import { PermanentError } from 'posthorn';
import type { ExtractedText } from './extracted-text.ts';

export type ParserTask = { readonly format: 'html'; readonly source: string } | { readonly format: 'pdf'; readonly source: Uint8Array };

/** The text, or why the document has none, or a bug's stack: errors lose their class on the way between processes. */
export type ParserAnswer = ExtractedText | { readonly code: string; readonly reason: string } | { readonly bug: string };

/** This module: as a process's main module it parses the one task that it is sent. */
export const parserUrl = import.meta.url;

if (import.meta.main) {
  // PDF.js drops promises of files that it repairs. Whatever matters is awaited, and this process is for one document only.
  process.on('unhandledRejection', () => {});
  // Stays until it is ended: a process that ends by itself may be seen to end before its answer is.
  process.on('message', async (task: ParserTask) => {
    process.send?.(await parse(task));
  });
}

/** The parsers are loaded by need: the function itself never pays for them. */
async function parse(task: ParserTask): Promise<ParserAnswer> {
  try {
    if (task.format === 'html') return (await import('./html-to-text.ts')).htmlToText(task.source);
    return await (await import('./pdf-to-text.ts')).pdfToText(task.source);
  } catch (error) {
    if (error instanceof PermanentError) return { code: error.code, reason: error.message };
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
