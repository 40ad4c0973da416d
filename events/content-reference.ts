import * as z from 'zod/mini';

/** The form of a {@link ContentReference}. */
export const contentReferenceSchema = z.object({ uri: z.string(), digest: z.string(), sizeBytes: z.number(), contentType: z.string() });

/** Where content lies, and the digest that proves it unchanged. It travels in place of the bytes. */
export interface ContentReference {
  /** `s3://bucket/key` in the mesh's own content bucket. */
  readonly uri: string;
  /** `sha-256:<hex>` of the bytes. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** The media type, e.g. `application/pdf`. */
  readonly contentType: string;
}
