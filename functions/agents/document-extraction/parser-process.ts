import { PermanentError } from 'posthorn';
import type { ExtractedText } from './extracted-text.ts';

export type ParserTask = { readonly format: 'html'; readonly source: string } | { readonly format: 'pdf'; readonly source: Uint8Array };

/** The text, the reason why the document has none, or a bug's stack: errors lose their class between processes. */
export type ParserAnswer = ExtractedText | { readonly code: string; readonly reason: string } | { readonly bug: string };

/** This module. As a process's main module it parses the one task that it receives. */
export const parserUrl = import.meta.url;

if (import.meta.main) {
  // PDF.js leaves rejected promises behind when it repairs a file. Ignoring them is safe: this code awaits all that it needs.
  process.on('unhandledRejection', () => {});
  // The parent ends this process: if it ended itself, the parent might see the exit before the answer.
  process.on('message', async (task: ParserTask) => {
    process.send?.(await parse(task));
  });
}

/** Loads the parser that the task needs, which the function itself never loads. */
async function parse(task: ParserTask): Promise<ParserAnswer> {
  try {
    if (task.format === 'html') return (await import('./html-to-text.ts')).htmlToText(task.source);
    return await (await import('./pdf-to-text.ts')).pdfToText(task.source);
  } catch (error) {
    if (error instanceof PermanentError) return { code: error.code, reason: error.message };
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
