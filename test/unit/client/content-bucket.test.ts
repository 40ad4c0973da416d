import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClaimCheck, ContentUnavailableError, MeshClient } from '../../../client/index.ts';
import { type LocalQueues, startLocalQueues } from '../../helpers/local-queues.ts';

const BUCKET = 'posthorn-dev-content-000000000000-us-east-1';

let aws: LocalQueues;
let s3: S3Client;
let mesh: MeshClient;
beforeAll(async () => {
  aws = await startLocalQueues([]);
  s3 = new S3Client({ ...aws.options, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  mesh = new MeshClient(aws.options);
});
afterAll(async () => {
  await mesh[Symbol.asyncDispose]();
  s3.destroy();
  await aws[Symbol.asyncDispose]();
});

const keyOf = ({ dataref }: ClaimCheck) => dataref.replace(`s3://${BUCKET}/`, '');

test('content comes back as it was put, under its digest', async () => {
  const claimCheck = await mesh.content.put(Buffer.from('abc'), 'text/plain');

  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(claimCheck).toEqual({ dataref: `s3://${BUCKET}/sha-256/${digest}`, datadigest: `sha-256:${digest}`, datasize: 3 });
  expect(Buffer.from(await mesh.content.get(claimCheck.dataref)).toString()).toBe('abc');
});

test('content that was changed, or is gone, or lies elsewhere is not given', async () => {
  const changed = await mesh.content.put(Buffer.from('changed'), 'text/plain');
  const gone = await mesh.content.put(Buffer.from('gone'), 'text/plain');
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(changed), Body: 'other' }));
  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf(gone) }));

  await expect(mesh.content.get(changed.dataref)).rejects.toThrow(/has changed/);
  await expect(mesh.content.get(gone.dataref)).rejects.toThrow(/is gone \(NoSuchKey\)/);
  for (const elsewhere of ['s3://elsewhere/sha-256/x', `s3://${BUCKET}/secret`, 'file:///etc/passwd'])
    await expect(mesh.content.get(elsewhere)).rejects.toThrow(ContentUnavailableError);
});
