import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { LRUCache } from 'lru-cache';
import { contentBucketName, type MeshName } from '../events/names.ts';
import type { AwsClients } from './aws-clients.ts';
import { ContentUnavailableError } from './errors.ts';

/** The envelope's attributes that stand in place of the data. */
export interface ClaimCheck {
  /** `s3://bucket/sha-256/<hex>`. */
  readonly dataref: string;
  /** `sha-256:<hex>` of the bytes. */
  readonly datadigest: string;
  /** In bytes. */
  readonly datasize: number;
}

const MAX_REMEMBERED_UPLOADS = 10_000;

/** The mesh's content bucket, where content lies under its own SHA-256. Nothing is asked of AWS before the first use. */
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
   * @returns the attributes that an event refers to them with
   */
  async put(bytes: Uint8Array, contentType: string): Promise<ClaimCheck> {
    const digest = digestOf(bytes);
    const name = await this.#bucketName();
    const key = `sha-256/${digest}`;
    if (!this.#uploaded.has(digest)) {
      await this.#aws.s3.send(new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentType: contentType }));
      this.#uploaded.set(digest, true);
    }
    return { dataref: `s3://${name}/${key}`, datadigest: `sha-256:${digest}`, datasize: bytes.length };
  }

  /**
   * The bytes behind a reference, verified against the digest in it.
   *
   * @param reference a `dataref`
   * @throws ContentUnavailableError when the reference is to another place than this bucket, or the content is gone or changed
   */
  async get(reference: string): Promise<Uint8Array> {
    const name = await this.#bucketName();
    const digest = digestIn(reference, name);
    if (digest === undefined) {
      throw new ContentUnavailableError(`${reference} is not in the mesh's content bucket ${name}`, {
        remedy: 'Only content of the mesh itself is fetched: put it there first.',
      });
    }
    const bytes = await this.#bytesAt(name, digest, reference);
    if (digestOf(bytes) !== digest) throw new ContentUnavailableError(`${reference} has changed: its digest is another one`);
    return bytes;
  }

  async #bytesAt(name: string, digest: string, reference: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.#aws.s3.send(new GetObjectCommand({ Bucket: name, Key: `sha-256/${digest}` }));
      if (Body === undefined) throw new TypeError(`GetObject answered no body for ${reference}`);
      return await Body.transformToByteArray();
    } catch (cause) {
      if (!(cause instanceof Error) || cause.name !== 'NoSuchKey') throw cause;
      throw new ContentUnavailableError(`${reference} is gone (NoSuchKey)`, { cause, remedy: 'Content is kept for a limited time.' });
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
