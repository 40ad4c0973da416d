import { PermanentError } from 'posthorn';
import { getResolvedPDFJS } from 'unpdf';
import type { ExtractedText } from './extracted-text.ts';

/**
 * The text of a PDF, with a blank line between pages.
 *
 * @throws PermanentError `BrokenDocument`, `EncryptedDocument`
 * @example
 * ```ts
 * const { text, title, pages } = await pdfToText(bytes);
 * ```
 */
export async function pdfToText(bytes: Uint8Array): Promise<ExtractedText> {
  const { getDocument, VerbosityLevel } = await getResolvedPDFJS();
  // PDF.js refuses a Buffer, and detaches the array's memory.
  const loading = getDocument({
    data: new Uint8Array(bytes),
    useSystemFonts: true,
    disableFontFace: true,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    const pdf = await loading.promise;
    const { info } = await pdf.getMetadata();
    const pages: string[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join(''));
      page.cleanup();
    }
    return { text: pages.join('\n\n'), title: titleOf(info), pages: pdf.numPages };
  } catch (error) {
    throw ofParser(error);
  }
}

/** The parser's only input is the document, so each of its errors is the document's fault. */
function ofParser(error: unknown): PermanentError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'PasswordException') {
    return new PermanentError('EncryptedDocument', 'the PDF needs a password: send it without one', { cause: error });
  }
  return new PermanentError('BrokenDocument', `the PDF cannot be read: ${message}`, { cause: error });
}

function titleOf(info: object): string | undefined {
  return 'Title' in info && typeof info.Title === 'string' ? info.Title : undefined;
}
