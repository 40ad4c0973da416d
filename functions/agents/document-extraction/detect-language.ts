import { franc } from 'franc-min';

/**
 * The language of a text as an ISO 639-3 code (`eng`, `deu`, ...), one of the 82 with more than 8 million speakers;
 * `und` for fewer than ten characters or no words. Looks at the first 2,048 characters.
 *
 * @see https://github.com/wooorm/franc
 * @example
 * ```ts
 * detectLanguage('The delivery was late, but the staff were friendly.'); // 'eng'
 * ```
 */
export function detectLanguage(text: string): string {
  return franc(text);
}
