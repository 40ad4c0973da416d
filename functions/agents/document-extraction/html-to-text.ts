import { compile, type HtmlToTextOptions } from 'html-to-text';
import { PermanentError } from 'posthorn';
import type { ExtractedText } from './extracted-text.ts';

/** How much of a page is searched for its title. */
const MAX_HEAD_CHARACTERS = 100_000;

const unread = ['img', 'nav', 'script', 'style', 'noscript', 'template', 'svg', 'iframe', 'form'];
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

const reading: HtmlToTextOptions = {
  wordwrap: false,
  formatters: {
    // The library's own table formatter accepts any colspan, even 100 million.
    cell: (element, walk, builder) => {
      walk(element.children, builder);
      builder.addInline(' ');
    },
  },
  selectors: [
    ...unread.map((selector) => ({ selector, format: 'skip' })),
    ...headings.map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: 'a', options: { ignoreHref: true } },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
  ],
  limits: { maxDepth: 500 },
};

const convert = compile(reading);
const titleOf = compile({ wordwrap: false, baseElements: { selectors: ['title'], returnDomByDefault: false } });

/**
 * The readable text of an HTML page, with blank lines between paragraphs, lists, and a line for each row of a table. Synchronous.
 *
 * @throws PermanentError `BrokenDocument` for thousands of nested tags
 * @example
 * ```ts
 * htmlToText('<title>Hi</title><p>Good <b>morning</b></p>'); // { text: 'Good morning', title: 'Hi', pages: 1 }
 * ```
 */
export function htmlToText(html: string): ExtractedText {
  try {
    return { text: convert(html), title: titleOf(html.slice(0, MAX_HEAD_CHARACTERS)) || undefined, pages: 1 };
  } catch (error) {
    // The library recurses into the page, so a RangeError means that the page is nested too deeply.
    if (error instanceof RangeError) throw new PermanentError('BrokenDocument', 'the page is nested too deeply', { cause: error });
    throw error;
  }
}
