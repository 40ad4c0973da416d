import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LRUCache } from 'lru-cache';
import { contentBucketName } from '../events/names.ts';
import { awsClientOptions } from './aws-client-options.ts';
import { CliError } from './cli-error.ts';
import type { Settings } from './settings.ts';

/** The envelope's attributes that stand in place of the data. */
export interface ClaimCheck {
  readonly dataref: string;
  readonly datadigest: string;
  readonly datasize: number;
}

/** The stage's content bucket, where content lies under its own SHA-256. */
export interface ContentBucket {
  /** Storing the same bytes twice is free of effect. */
  put(bytes: Uint8Array, contentType: string): Promise<ClaimCheck>;
  /** The bytes behind a reference, verified. @throws CliError when they are gone, changed, or not the stage's own */
  get(reference: string): Promise<Uint8Array>;
}

const REMEMBERED_UPLOADS = 10_000;

/** Nothing is asked of AWS before the first use. */
export function contentBucket(settings: Settings): ContentBucket {
  let s3: S3Client | undefined;
  let bucket: Promise<string> | undefined;
  const uploaded = new LRUCache<string, true>({ max: REMEMBERED_UPLOADS });
  const client = () => {
    s3 ??= new S3Client({ ...awsClientOptions(settings), forcePathStyle: settings.endpointUrl !== undefined });
    return s3;
  };
  const bucketName = () => {
    bucket ??= nameOfBucket(settings, client());
    return bucket;
  };

  return {
    async put(bytes, contentType) {
      const digest = createHash('sha256').update(bytes).digest('hex');
      const name = await bucketName();
      const key = `sha-256/${digest}`;
      if (!uploaded.has(digest)) {
        await client().send(new PutObjectCommand({ Bucket: name, Key: key, Body: bytes, ContentType: contentType }));
        uploaded.set(digest, true);
      }
      return { dataref: `s3://${name}/${key}`, datadigest: `sha-256:${digest}`, datasize: bytes.length };
    },

    async get(reference) {
      const name = await bucketName();
      const digest = digestIn(reference, name);
      if (digest === undefined) throw new CliError(`${reference} is not in the stage's content bucket ${name}: it is not fetched`);
      const { Body } = await client().send(new GetObjectCommand({ Bucket: name, Key: `sha-256/${digest}` }));
      const bytes = await Body?.transformToByteArray();
      if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== digest) {
        throw new CliError(`${reference} does not hold what it held: its digest is another one`);
      }
      return bytes;
    },
  };
}

function digestIn(reference: string, bucket: string): string | undefined {
  const prefix = `s3://${bucket}/sha-256/`;
  const digest = reference.slice(prefix.length);
  return reference.startsWith(prefix) && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

async function nameOfBucket(settings: Settings, s3: S3Client): Promise<string> {
  const sts = new STSClient(awsClientOptions(settings));
  try {
    const { Account } = await sts.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new TypeError('GetCallerIdentity answered no account');
    return contentBucketName(settings, Account, await s3.config.region());
  } finally {
    sts.destroy();
  }
}
