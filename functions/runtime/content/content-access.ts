import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ContentReference } from '../../../events/content-reference.ts';
import { PermanentError, TransientError } from '../failure/errors.ts';
import type { ContentStore } from '../ports.ts';
import { Content } from './content.ts';

/** A message's content is held in memory whole; a batch of ten of the largest needs 320 MiB beside the agent's own. */
export const MAX_CONTENT_BYTES = 32 * 1_048_576;

/** Content that a warm process keeps after it has read or stored it. */
const CACHE_BYTES = 32 * 1_048_576;

const MAX_STORED_DIGESTS = 10_000;

/** Content by digest: reads are verified, the same bytes are stored once, and a warm process fetches nothing twice. */
export class ContentAccess {
  readonly #store: ContentStore;
  readonly #cache = new LRUCache<string, Uint8Array>({ maxSize: CACHE_BYTES, sizeCalculation: (bytes) => Math.max(1, bytes.byteLength) });
  /** Digests that this process has stored itself. Content that was only read may be about to expire, and is stored again. */
  readonly #stored = new LRUCache<string, true>({ max: MAX_STORED_DIGESTS });
  readonly #reading = new Map<string, Promise<Uint8Array>>();

  constructor(store: ContentStore) {
    this.#store = store;
  }

  /** Forgets reads of an earlier invocation that never ended. */
  beginInvocation(): void {
    this.#reading.clear();
  }

  /** @throws PermanentError `ContentTooLarge`; TransientError `ContentStoreUnavailable` */
  async store(bytes: Uint8Array, contentType: string): Promise<ContentReference> {
    refuseOversized(bytes.byteLength);
    const digest = digestOf(bytes);
    const key = digest.replace(':', '/');
    const reference = { uri: `s3://${this.#store.bucket}/${key}`, digest, sizeBytes: bytes.byteLength, contentType };
    if (this.#stored.has(digest)) return reference;
    try {
      await this.#store.put(key, bytes, contentType);
    } catch (cause) {
      throw new TransientError('ContentStoreUnavailable', `content of ${bytes.byteLength} bytes could not be stored`, { cause });
    }
    this.#cache.set(digest, bytes);
    this.#stored.set(digest, true);
    return reference;
  }

  /**
   * @throws PermanentError `ContentRefused` outside the mesh's bucket or not under its digest, `ContentTooLarge`, `ContentMismatch`
   * @throws TransientError `ContentStoreUnavailable`
   */
  async read(reference: ContentReference): Promise<Uint8Array> {
    const key = this.keyOf(reference);
    refuseOversized(reference.sizeBytes);
    const cached = this.#cache.get(reference.digest);
    if (cached?.byteLength === reference.sizeBytes) return cached;
    // The size is part of it: a reference that lies about it must not share its refusal with one that does not.
    const address = `${reference.uri} ${reference.sizeBytes}`;
    const reading = this.#reading.get(address) ?? this.#fetch(key, reference).finally(() => this.#reading.delete(address));
    this.#reading.set(address, reading);
    return reading;
  }

  /** Where the content lies. @throws PermanentError `ContentRefused` when the reference is to another place */
  keyOf({ uri, digest }: Pick<ContentReference, 'uri' | 'digest'>): string {
    const key = digest.replace(':', '/');
    const home = `s3://${this.#store.bucket}/${key}`;
    if (uri !== home)
      throw new PermanentError('ContentRefused', `dataref: must be ${home}, the mesh's own bucket and the digest: put the content there`);
    return key;
  }

  async #fetch(key: string, { digest, sizeBytes, uri }: ContentReference): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#store.get(key, sizeBytes);
    } catch (cause) {
      throw new TransientError('ContentStoreUnavailable', `${uri} could not be read`, { cause });
    }
    if (bytes === undefined) throw new PermanentError('ContentMismatch', `${uri}: there is no such content of ${sizeBytes} bytes`);
    const actual = digestOf(bytes);
    if (actual !== digest) throw new PermanentError('ContentMismatch', `${uri}: datadigest says ${digest}, the content has ${actual}`);
    this.#cache.set(digest, bytes);
    return bytes;
  }
}

/** Content behind a claim check. */
export class StoredContent extends Content {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly #read: () => Promise<Uint8Array>;

  constructor(reference: ContentReference, read: () => Promise<Uint8Array>) {
    super();
    this.contentType = reference.contentType;
    this.sizeBytes = reference.sizeBytes;
    this.digest = reference.digest;
    this.#read = read;
  }

  /** A copy: other messages have the same bytes, and a parser may change them or take their buffer over. */
  override async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.#read());
  }

  override async text(): Promise<string> {
    return decodeUtf8(await this.#read());
  }
}

/** Content that came in the envelope. */
export class InlineContent extends StoredContent {
  constructor(text: string, contentType: string) {
    const bytes = Buffer.from(text);
    super({ uri: '', contentType, sizeBytes: bytes.byteLength, digest: digestOf(bytes) }, async () => bytes);
  }
}

export const digestOf = (bytes: Uint8Array): string => `sha-256:${hash('sha256', bytes, 'hex')}`;

/** @throws PermanentError `ContentMismatch` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PermanentError('ContentMismatch', 'the content is not UTF-8: encode the text as UTF-8 or state its own media type', {
      cause,
    });
  }
}

function refuseOversized(sizeBytes: number): void {
  if (sizeBytes > MAX_CONTENT_BYTES) {
    throw new PermanentError('ContentTooLarge', `content of ${sizeBytes} bytes: the mesh takes ${MAX_CONTENT_BYTES} at most`);
  }
}
