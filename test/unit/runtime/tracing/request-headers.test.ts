import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { parameterHeaders } from '../../../../functions/runtime/aws/parameter-headers.ts';
import { signedHeaders } from '../../../../functions/runtime/aws/signed-headers.ts';
import { postTo } from '../../../../functions/runtime/otlp/post-spans.ts';

const BODY = new TextEncoder().encode('{"resourceSpans":[]}');

describe('Headers from a parameter', () => {
  it('are read at the start, once, and again after a refusal', async () => {
    const values = ['{"x-api-key":"one"}', '{"x-api-key":"two"}'];
    let reads = 0;
    const headers = parameterHeaders('/otlp', async () => values[reads++] ?? '');
    expect(reads).toBe(1);

    expect(await headers.headersFor(BODY)).toEqual({ 'x-api-key': 'one' });
    expect(await headers.headersFor(BODY)).toEqual({ 'x-api-key': 'one' });
    headers.refused();

    expect(await headers.headersFor(BODY)).toEqual({ 'x-api-key': 'two' });
    expect(reads).toBe(2);
  });

  it('are read again where they could not be read', async () => {
    let isDown = true;
    const headers = parameterHeaders('/otlp', async () => {
      if (isDown) throw new Error('throttled');
      return '{"a":"b"}';
    });
    await expect(headers.headersFor(BODY)).rejects.toThrow('throttled');
    isDown = false;

    expect(await headers.headersFor(BODY)).toEqual({ a: 'b' });
  });

  it.each([
    ['no JSON', 'Bearer s3cret'],
    ['no object', '["s3cret"]'],
    ['a value that is no text', '{"x-api-key":{"value":"s3cret"}}'],
    ['a value that HTTP does not allow', '{"x-api-key":"s3cret\\nhost: evil"}'],
    ['a name that HTTP does not allow', '{"x api s3cret":"value"}'],
  ])('are not in the error where the parameter has %s', async (_what, secret) => {
    const error: unknown = await parameterHeaders('/otlp', async () => secret)
      .headersFor(BODY)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );

    if (!(error instanceof Error)) throw new Error('it was accepted');
    expect(error.message).toBe('the SSM parameter /otlp must be a JSON object of header values by header name');
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain('s3cret');
  });
});

describe('A request to CloudWatch', () => {
  it('is signed with the credentials of the role, for X-Ray in its region', async () => {
    const url = 'https://xray.eu-central-1.amazonaws.com/v1/traces';
    const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };

    const signed = await signedHeaders(url, 'eu-central-1', async () => credentials).headersFor(BODY);

    expect(signed).toMatchObject({
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/eu-central-1\/xray\/aws4_request, SignedHeaders=[a-z0-9;-]*host[a-z0-9;-]*, Signature=[0-9a-f]{64}$/,
      ),
      'x-amz-security-token': 'session',
    });
    expect(signed).not.toHaveProperty('host');
    const other = await signedHeaders(url, 'eu-central-1', async () => credentials).headersFor(new Uint8Array());
    expect(other['x-amz-content-sha256']).not.toBe(signed['x-amz-content-sha256']);
    // As AWS verifies it: the same request signed again with the same date has the same signature.
    const date = String(signed['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
    const again = await new SignatureV4({ service: 'xray', region: 'eu-central-1', credentials, sha256: Sha256 }).sign(
      {
        ...{ method: 'POST', protocol: 'https:', hostname: 'xray.eu-central-1.amazonaws.com', path: '/v1/traces', body: BODY },
        headers: { host: 'xray.eu-central-1.amazonaws.com', 'content-type': 'application/json' },
      },
      { signingDate: new Date(date) },
    );
    expect(signed.authorization).toBe(again.headers.authorization);
  });
});

describe('A failed request', () => {
  const failing = (fetch: () => Promise<Response>) =>
    postTo('https://collector.example.com/key-s3cret/v1/traces', {
      fetch,
      headers: { headersFor: async () => ({ authorization: 'Bearer s3cret' }), refused: () => undefined },
    })(BODY, new AbortController().signal);

  it('names the host and the status, and neither path nor headers', async () => {
    await expect(failing(async () => new Response('s3cret', { status: 503 }))).rejects.toThrow(
      /^the OTLP endpoint https:\/\/collector\.example\.com answered HTTP 503$/,
    );
  });

  it('is sent once more where the connection was closed: a process may have been frozen meanwhile', async () => {
    let sent = 0;
    await failing(async () => {
      if (++sent === 1) throw new TypeError('fetch failed');
      return new Response();
    });

    expect(sent).toBe(2);
  });
});
