import { PermanentError } from 'posthorn';
import type { ExtractedText } from './extracted-text.ts';
import { parseInProcess } from './parse-in-process.ts';

interface Document {
  readonly contentType: string;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
}

/**
 * Reads a document: plain text in this process, HTML and PDF in a separate one.
 *
 * @throws PermanentError `EmptyDocument`, `BrokenDocument`, `EncryptedDocument`, `DocumentTooLarge`
 * @throws the signal's reason when it aborts
 * @example
 * ```ts
 * const { text, title, pages } = await extractText(message.data, context.signal);
 * ```
 */
export async function extractText(document: Document, signal: AbortSignal): Promise<ExtractedText> {
  const extracted = tidy(await read(document, signal));
  if (extracted.text === '') {
    throw new PermanentError(
      'EmptyDocument',
      `the ${document.contentType} document has no text (a scan needs character recognition first)`,
    );
  }
  return extracted;
}

async function read(document: Document, signal: AbortSignal): Promise<ExtractedText> {
  switch (document.contentType) {
    case 'text/html':
      return parseInProcess({ format: 'html', source: await document.text() }, signal);
    case 'application/pdf':
      return parseInProcess({ format: 'pdf', source: await document.bytes() }, signal);
    default:
      return { text: await document.text(), title: undefined, pages: 1 };
  }
}

/** One form of newline, no byte order mark, no trailing blanks, no runs of blank lines. Counting and scoring rely on it. */
function tidy({ text, title, pages }: ExtractedText): ExtractedText {
  const tidied = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return { text: tidied, title: title?.replace(/\s+/g, ' ').trim().slice(0, 300) || undefined, pages };
}
