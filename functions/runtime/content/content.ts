import * as z from 'zod/mini';

/**
 * Data that is not JSON (a PDF, a page, plain text), inline or behind a claim check. The first call of `bytes` or `text` fetches
 * the bytes and verifies them against the digest.
 */
export abstract class Content {
  /** The media type, without parameters. */
  abstract readonly contentType: string;
  abstract readonly sizeBytes: number;
  /** `sha-256:<hex>` of the bytes. */
  abstract readonly digest: string;
  /**
   * @throws PermanentError `ContentMismatch` when the bytes differ from the digest
   * @throws TransientError when the content store cannot answer now
   */
  abstract bytes(): Promise<Uint8Array>;
  /** @throws what `bytes` throws, and PermanentError `ContentMismatch` when the bytes are not UTF-8 */
  abstract text(): Promise<string>;
}

/**
 * The input schema of an agent that takes documents instead of JSON. A message with another content type is rejected.
 *
 * @param contentTypes the media types that the agent takes, without parameters
 * @example
 * ```ts
 * export default defineAgent({
 *   id: 'word-count',
 *   version: '1.0.0',
 *   description: 'Counts the words of a text.',
 *   capabilities: [{ id: 'word-count', name: 'Word count', description: 'The number of words.', tags: ['text'] }],
 *   input: content('text/plain', 'text/markdown'),
 *   async handle({ data }, context) {
 *     await context.reply({ words: (await data.text()).split(/\s+/).length });
 *   },
 * });
 * ```
 */
export const content = (...contentTypes: readonly [string, ...string[]]) =>
  z.custom<Content>((value) => value instanceof Content && contentTypes.includes(value.contentType), {
    error: `datacontenttype must be one of ${contentTypes.join(', ')}`,
  });
