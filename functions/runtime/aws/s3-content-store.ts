import type { S3Client } from '@aws-sdk/client-s3';
import type { ContentStore } from '../ports.ts';
import type { ClientOptions } from './client-options.ts';
import { CONTENT_REQUEST_LIMITS } from './request-limits.ts';

/** Content in the mesh's S3 bucket. The client is loaded when the first message needs it: most never do. */
export class S3ContentStore implements ContentStore {
  readonly bucket: string;
  readonly #options: ClientOptions;
  #client: Promise<S3Client> | undefined;

  constructor(bucket: string, options: ClientOptions = {}) {
    this.bucket = bucket;
    this.#options = options;
  }

  async put(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const [{ PutObjectCommand }, client] = await Promise.all([import('@aws-sdk/client-s3'), this.#connect()]);
    await client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes, ContentType: contentType }));
  }

  async get(key: string, sizeBytes: number): Promise<Uint8Array | undefined> {
    const [{ GetObjectCommand, NoSuchKey }, client] = await Promise.all([import('@aws-sdk/client-s3'), this.#connect()]);
    try {
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      if (Body === undefined) return undefined;
      if (ContentLength === sizeBytes) return await Body.transformToByteArray();
      // A body that is not read would hold the connection.
      await Body.transformToWebStream().cancel();
      return undefined;
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  #connect(): Promise<S3Client> {
    this.#client ??= import('@aws-sdk/client-s3').then(
      ({ S3Client }) => new S3Client({ ...this.#options, requestHandler: CONTENT_REQUEST_LIMITS }),
    );
    return this.#client;
  }
}
