import { parentPort, workerData } from 'node:worker_threads';
import { PermanentError } from '../../runtime/errors.ts';
import type { ExtractedText } from './extract-text.ts';

export type ParserTask = { readonly format: 'html'; readonly source: string } | { readonly format: 'pdf'; readonly source: Uint8Array };

/** The text, or why the document has none. Errors themselves lose their class on the way between threads. */
export type ParserAnswer = ExtractedText | { readonly code: string; readonly reason: string };

/** What {@link parseApart} starts a thread with: this module. It parses one task and ends. */
export const parserThreadUrl = new URL(import.meta.url);

const started: { readonly task?: ParserTask } | null = workerData;
if (started?.task !== undefined) {
  // PDF.js drops promises of files that it repairs. Whatever matters is awaited, and this thread is for one document only.
  process.on('unhandledRejection', () => {});
  parentPort?.postMessage(await parse(started.task));
}

/** The parsers are loaded here, by need: a cold start does not pay for them. */
async function parse(task: ParserTask): Promise<ParserAnswer> {
  try {
    if (task.format === 'html') return (await import('./html-to-text.ts')).htmlToText(task.source);
    return await (await import('./pdf-to-text.ts')).pdfToText(task.source);
  } catch (error) {
    if (error instanceof PermanentError) return { code: error.code, reason: error.message };
    throw error;
  }
}
