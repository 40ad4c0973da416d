import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { awsClientOptions } from '../../../client/aws-client-options.ts';
import { MAX_MESSAGE_BYTES } from '../../../events/envelope.ts';
import { messageKey } from '../../../events/ledger-record.ts';
import { contentBucketName, errorQueueName, meshName } from '../../../events/names.ts';
import { event, SOURCE } from '../../helpers/mesh-fixture.ts';
import { type ScriptedMesh, startScriptedMesh } from '../../helpers/scripted-mesh.ts';

let fixture: ScriptedMesh;

beforeAll(async () => {
  fixture = await startScriptedMesh(['working']);
});
afterAll(() => fixture[Symbol.asyncDispose]());

const ERRORS = errorQueueName(meshName(), 'working');

/** Puts a body between two good messages, and waits for its copy on the error queue. */
async function refused(body: string) {
  const { mesh } = fixture;
  const neighbours = [event({}), event({})] as const;
  const [, sqsId = ''] = await mesh.send('working', [neighbours[0], body, neighbours[1]]);
  const outcomes = await mesh.outcomesOf(
    'working',
    SOURCE,
    neighbours.map(({ id }) => id),
  );
  const [copy] = await mesh.tap(ERRORS).waitFor('the copy', 1, (message) => message.body === body);
  return { copy, sqsId, neighbours: outcomes.map(({ outcome, attempts }) => [outcome, attempts.length]) };
}

const untouched = [
  ['processed', 0],
  ['processed', 0],
];

describe.concurrent('a body that is no envelope is rejected, whole, with code and reason', () => {
  const valid = event({});
  test.for([
    ['not JSON', 'a letter, by hand', /not safe JSON/],
    ['JSON cut off', JSON.stringify(valid).slice(0, -20), /not safe JSON/],
    ['bytes that were no UTF-8', `\uFFFD\uFFFD${JSON.stringify(valid)}`, /not safe JSON/],
    ['a list', '[]', /an array of 0/],
    ['null', 'null', /null/],
    ['another object', '{"hello":"world"}', /specversion.*missing/],
    ['another version', JSON.stringify({ ...valid, specversion: '0.3' }), /specversion/],
    ['wrong types', JSON.stringify({ ...valid, id: 7, source: null }), /id: .*a number.*source: .*null/],
    ['a hostile prototype', JSON.stringify(valid).replace('{', '{"__proto__":{"isAdmin":true},'), /forbidden prototype/],
    ['a hostile constructor', JSON.stringify({ ...valid, data: { constructor: { prototype: { x: 1 } } } }), /forbidden prototype/],
    ['an unknown field of a wrong name', JSON.stringify({ ...valid, 'Not-Allowed': 1 }), /attribute names/],
    ['10,000 brackets', '['.repeat(10_000) + ']'.repeat(10_000), /nested deeper than 100/],
    ['10,000 brackets in its data', `{"specversion":"1.0","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /nested deeper than 100/],
    ['data twice', JSON.stringify({ ...valid, dataref: 's3://a/b', datadigest: `sha-256:${'0'.repeat(64)}`, datasize: 1 }), /exclusive/],
    ['a reference without digest', JSON.stringify({ ...valid, data: undefined, dataref: 's3://a/b' }), /datadigest and datasize/],
  ] as const)('%s', async ([_what, body, reason], { expect }) => {
    const { copy, sqsId, neighbours } = await refused(body);

    expect(neighbours).toEqual(untouched);
    expect(copy?.attributes).toMatchObject({
      'posthorn-outcome': 'rejected',
      'posthorn-code': 'InvalidEnvelope',
      'posthorn-reason': expect.stringMatching(reason),
      'posthorn-agent': 'working',
      'posthorn-generation': '0',
      'posthorn-attempts': '1',
    });
    expect(Date.parse(copy?.attributes['posthorn-failedat'] ?? '')).toBeGreaterThan(0);
    expect(await fixture.mesh.outcomeOfUnopened('working', sqsId)).toMatchObject({ outcome: 'rejected' });
  });

  test('a body that fills its message to the last byte is kept in the content bucket', async ({ expect }) => {
    const { mesh } = fixture;
    const body = `no JSON: ${'ä'.repeat(MAX_MESSAGE_BYTES / 2)}`.slice(0, MAX_MESSAGE_BYTES / 2 - 10).padEnd(MAX_MESSAGE_BYTES / 2, 'x');
    const [sqsId = ''] = await mesh.send('working', [body]);

    const { outcome } = await mesh.outcomeOfUnopened('working', sqsId);
    const [copy] = await mesh.tap(ERRORS).waitFor('the copy', 1, ({ attributes }) => 'posthorn-original' in attributes);

    expect(outcome).toBe('rejected');
    expect(copy?.body).toBe('{}');
    expect(copy?.attributes['posthorn-code']).toBe('InvalidEnvelope');
    const original = await mesh.content.get(copy?.attributes['posthorn-original'] ?? '');
    expect(Buffer.from(original).equals(Buffer.from(body))).toBe(true);
  });
});

describe.concurrent('an event that its agent cannot take is rejected without being handled', () => {
  const claimCheck = async (bytes: Uint8Array | string, change: object = {}) => ({
    data: undefined,
    ...(await fixture.mesh.content.put(Buffer.from(bytes), 'application/json')),
    ...change,
  });
  const overwritten = async () => {
    const { dataref, datadigest } = await fixture.mesh.content.put(Buffer.from('{"forwards":0 }'), 'application/json');
    const { host: Bucket, pathname } = new URL(dataref);
    const s3 = new S3Client({ ...awsClientOptions(fixture.mesh.settings), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket, Key: pathname.slice(1), Body: '{"forwards":99}' }));
    s3.destroy();
    return { data: undefined, dataref, datadigest, datasize: 15 };
  };
  const zeros = '0'.repeat(64);
  const absent = () => ({
    dataref: `s3://${contentBucketName(meshName(), '000000000000', 'us-east-1')}/sha-256/${zeros}`,
    datadigest: `sha-256:${zeros}`,
    datasize: 2,
  });
  test.for([
    ['data that does not fit the schema', async () => ({ data: { forwards: 'many' } }), 'ValidationError', /forwards: .*a string/],
    ['an expiry that has passed', async () => ({ expirytime: '2020-01-01T00:00:00Z' }), 'Expired', /expirytime/],
    [
      'content in a foreign bucket',
      () => claimCheck('{}', { dataref: `s3://someone-elses/sha-256/${zeros}` }),
      'ContentRefused',
      /own bucket/,
    ],
    ['content elsewhere', () => claimCheck('{}', { dataref: 'https://example.com/data.json' }), 'ContentRefused', /own bucket/],
    ['a digest that is not that of its place', () => claimCheck('{}', { datadigest: `sha-256:${zeros}` }), 'ContentRefused', /the digest/],
    ['content that was never put there', () => ({ data: undefined, ...absent() }), 'ContentMismatch', /no such content of 2 bytes/],
    ['content that is not what it was', overwritten, 'ContentMismatch', /datadigest says/],
    ['a wrong size', () => claimCheck('{"forwards":0}', { datasize: 3 }), 'ContentMismatch', /no such content of 3 bytes/],
    ['content that is no UTF-8', () => claimCheck(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 'ContentMismatch', /UTF-8/],
    ['content that is no JSON', () => claimCheck('<html>'), 'ContentMismatch', /not safe JSON/],
    ['content of many nested lists', () => claimCheck('['.repeat(10_000)), 'ContentMismatch', /nested deeper/],
    ['content too large to hold', () => claimCheck('{}', { datasize: 33 * 1_048_576 }), 'ContentTooLarge', /33|34603008|bytes/],
  ] as const)('%s', async ([_what, attributes, code, reason], { expect }) => {
    const message = event({}, await attributes());
    const body = JSON.stringify(message);

    const { copy, neighbours } = await refused(body);

    expect(neighbours).toEqual(untouched);
    expect(copy?.attributes).toMatchObject({ 'posthorn-code': code, 'posthorn-reason': expect.stringMatching(reason) });
    expect(await fixture.mesh.outcomeOf('working', SOURCE, message.id)).toMatchObject({ outcome: 'rejected', error: { code } });
    expect(fixture.control.visits(messageKey('working', SOURCE, message.id))).toBe(0);
  });

  test('a claim check that is in order is resolved', async ({ expect }) => {
    const { mesh } = fixture;
    const message = event({}, await claimCheck(JSON.stringify({ steps: ['succeed'], padding: 'x'.repeat(2_000_000) })));

    await mesh.send('working', [message]);

    expect(await mesh.outcomeOf('working', SOURCE, message.id)).toMatchObject({ outcome: 'processed', attempts: [] });
  });

  test('a claim check that lies takes none along that is in order and for the same content', async ({ expect }) => {
    const { mesh } = fixture;
    const honest = await claimCheck(JSON.stringify({ steps: ['succeed'], title: 'read by two' }));
    const liar = event({}, { ...honest, datasize: 7 });
    const message = event({}, honest);

    await mesh.send('working', [liar, message]);

    expect(await mesh.outcomeOf('working', SOURCE, liar.id)).toMatchObject({ outcome: 'rejected', error: { code: 'ContentMismatch' } });
    expect(await mesh.outcomeOf('working', SOURCE, message.id)).toMatchObject({ outcome: 'processed' });
  });
});
