/**
 * Escapes an untrusted string as plain text in Markdown, on one line and in a table cell. It cannot create a link, image, HTML, heading
 * or further column.
 *
 * @see https://spec.commonmark.org/0.31.2/#backslash-escapes
 * @see https://github.github.com/gfm/#autolinks-extension- a bare `www.` or `https://` is a link without any escape
 * @example
 * ```ts
 * escapeMarkdown('[win](https://evil.example) | <b>'); // '\\[win\\]\\(https&#58;//evil\\.example\\) \\| \\<b\\>'
 * ```
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .replace(/[!-/;-@[-`{-~]/g, (character) => (character === '/' ? character : `\\${character}`))
    .replaceAll(':', '&#58;');
}
