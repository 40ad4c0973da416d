import { createHash } from 'node:crypto';
import type { ContentReference } from '../events/content-reference.ts';
import { Content } from '../functions/runtime/content/content.ts';

/**
 * Content in memory, as `data` for an agent whose input is `content(...)`.
 *
 * @param bytes text is encoded as UTF-8
 * @param contentType the media type, e.g. `application/pdf`
 * @example
 * ```ts
 * const message = fakeMessage(fakeContent('<p>Hello</p>', 'text/html'));
 * ```
 */
export const fakeContent = (bytes: Uint8Array | string, contentType: string): Content => new FakeContent(Buffer.from(bytes), contentType);

class FakeContent extends Content {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, contentType: string) {
    super();
    this.#bytes = bytes;
    this.contentType = contentType;
    this.sizeBytes = bytes.length;
    this.digest = referenceOf(bytes, contentType).digest;
  }

  override async bytes(): Promise<Uint8Array> {
    return new Uint8Array(this.#bytes);
  }

  override async text(): Promise<string> {
    return this.#bytes.toString();
  }
}

/** The reference that the mesh would give the content. */
export function referenceOf(bytes: Uint8Array, contentType: string): ContentReference {
  const hex = createHash('sha256').update(bytes).digest('hex');
  return { uri: `s3://content/sha-256/${hex}`, digest: `sha-256:${hex}`, sizeBytes: bytes.length, contentType };
}
