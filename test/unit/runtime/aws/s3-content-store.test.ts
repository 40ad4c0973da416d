import type { RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { S3ContentStore } from '../../../../functions/runtime/aws/s3-content-store.ts';
import { startAws } from './local-aws.ts';

const MEBIBYTE = 1_048_576;

/** S3 as far as putting and getting go. */
function bucket(): RequestListener {
  const objects = new Map<string | undefined, Buffer>();
  return async (request, response) => {
    const { method, url = '' } = request;
    const path = url.split('?', 1)[0];
    if (method === 'PUT') objects.set(path, await buffer(request));
    const object = objects.get(path);
    if (method === 'PUT') response.end();
    else if (object) response.writeHead(200, { 'content-length': object.length }).end(object);
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  };
}

describe('S3ContentStore', () => {
  it('gives back what was put, tens of MB too', async () => {
    await startAws(bucket());
    const store = new S3ContentStore('content');
    const content = Buffer.alloc(32 * MEBIBYTE, 'posthorn');

    await store.put('key', content, 'text/plain');
    const read = await store.get('key', content.length);

    expect(content.equals(read ?? new Uint8Array())).toBe(true);
  });

  it('has nothing where there is nothing, or something of another size', async () => {
    await startAws(bucket());
    const store = new S3ContentStore('content');
    await store.put('key', Buffer.from('abc'), 'text/plain');

    expect(await store.get('another', 3)).toBeUndefined();
    expect(await store.get('key', 4)).toBeUndefined();
    expect(await store.get('key', 3)).toEqual(new Uint8Array(Buffer.from('abc')));
  });
});
