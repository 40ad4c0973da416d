import * as z from 'zod/mini';

/**
 * Data that is not JSON (a PDF, a page, plain text), inline or behind a claim check. The bytes are fetched when they are
 * first asked for, verified against the digest, and kept while the process is warm.
 *
 * @throws PermanentError `ContentMismatch` when the bytes differ from the digest, or `text()` finds them not to be UTF-8
 * @throws TransientError when the content store cannot answer now
 */
export abstract class Content {
  abstract readonly contentType: string;
  abstract readonly sizeBytes: number;
  abstract readonly digest: string;
  abstract bytes(): Promise<Uint8Array>;
  abstract text(): Promise<string>;
}

/**
 * The input schema of an agent that takes documents instead of JSON.
 *
 * @param contentTypes the media types that the agent takes, without parameters
 * @example
 * ```ts
 * defineAgent({ input: content('text/plain', 'application/pdf'), handle: async ({ data }) => data.text(), ... })
 * ```
 */
export const content = (...contentTypes: readonly [string, ...string[]]) =>
  z.custom<Content>((value) => value instanceof Content && contentTypes.includes(value.contentType), {
    error: `datacontenttype must be one of ${contentTypes.join(', ')}`,
  });
