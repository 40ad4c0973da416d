import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { contentBucketName, type MeshName } from '../events/names.ts';
import type { AwsClients } from './aws-clients.ts';
import { ContentUnavailableError } from './errors.ts';

/** The envelope's attributes that replace the data. */
export interface ClaimCheck {
  /** `s3://bucket/sha-256/<hex>`. */
  readonly dataref: string;
  /** `sha-256:<hex>` of the bytes. */
  readonly datadigest: string;
  /** In bytes. */
  readonly datasize: number;
}

const MAX_REMEMBERED_UPLOADS = 10_000;

/** The mesh's content bucket, which stores content under its SHA-256. It makes no AWS request before its first use. */
export class ContentBucket {
  readonly #mesh: MeshName;
  readonly #aws: AwsClients;
  readonly #uploaded = new LRUCache<string, true>({ max: MAX_REMEMBERED_UPLOADS });
  #name: Promise<string> | undefined;

  /** @internal */
  constructor(mesh: MeshName, aws: AwsClients) {
    this.#mesh = mesh;
    this.#aws = aws;
  }

  /**
   * Stores bytes under their digest: storing the same bytes again changes nothing.
   *
   * @param contentType the media type, e.g. `application/pdf`
   * @returns the attributes with which an event refers to the bytes
   */
  async put(bytes: Uint8Array, contentType: string): Promise<ClaimCheck> {
    const digest = digestOf(bytes);
    const name = await this.#bucketName();
    const key = `sha-256/${digest}`;
    if (!this.#uploaded.has(digest)) {
      await (await this.#aws.s3()).putObject({ Bucket: name, Key: key, Body: bytes, ContentType: contentType });
      this.#uploaded.set(digest, true);
    }
    return { dataref: `s3://${name}/${key}`, datadigest: `sha-256:${digest}`, datasize: bytes.length };
  }

  /**
   * Fetches the bytes of a reference and verifies them against its digest.
   *
   * @param reference a `dataref`
   * @throws ContentUnavailableError when the reference is not to this bucket, or the content is gone or has changed
   */
  async get(reference: string): Promise<Uint8Array> {
    const name = await this.#bucketName();
    const digest = digestIn(reference, name);
    if (digest === undefined) {
      throw new ContentUnavailableError(`${reference} is not in the mesh's content bucket ${name}`, {
        remedy: 'Store the content in that bucket first.',
      });
    }
    const bytes = await this.#bytesAt(name, digest, reference);
    if (digestOf(bytes) !== digest) throw new ContentUnavailableError(`${reference} has changed: its digest does not match`);
    return bytes;
  }

  async #bytesAt(name: string, digest: string, reference: string): Promise<Uint8Array> {
    try {
      const { Body } = await (await this.#aws.s3()).getObject({ Bucket: name, Key: `sha-256/${digest}` });
      if (Body === undefined) throw new TypeError(`GetObject returned no body for ${reference}`);
      return await Body.transformToByteArray();
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'NoSuchKey') throw cause;
      throw new ContentUnavailableError(`${reference} is gone (NoSuchKey)`, {
        cause,
        remedy: 'The bucket keeps content for a limited time. Store it again.',
      });
    }
  }

  #bucketName(): Promise<string> {
    this.#name ??= this.#askName().catch((error: unknown) => {
      this.#name = undefined;
      throw error;
    });
    return this.#name;
  }

  async #askName(): Promise<string> {
    return contentBucketName(this.#mesh, await this.#aws.account(), await this.#aws.region());
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function digestIn(reference: string, bucket: string): string | undefined {
  const prefix = `s3://${bucket}/sha-256/`;
  const digest = reference.slice(prefix.length);
  return reference.startsWith(prefix) && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}
