import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CachedTokens } from '../../../../functions/runtime/aws/cached-tokens.ts';
import { oidcTokens } from '../../../../functions/runtime/aws/oidc-tokens.ts';
import { stsTokens } from '../../../../functions/runtime/aws/sts-tokens.ts';
import { ManualClock } from '../../../helpers/memory-ports.ts';

type Answer = readonly [status: number, body: string];

const world: { answer: (request: IncomingMessage, body: string) => Answer } = { answer: () => [500, ''] };
const bodies: string[] = [];
const server = createServer(async (request, response) => {
  const body = await text(request);
  bodies.push(body);
  const [status, answered] = world.answer(request, body);
  response.writeHead(status, { 'content-type': answered.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1' }).end(answered);
});
let endpoint = '';

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  endpoint = `http://127.0.0.1:${address.port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

const client = () => ({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });

describe('tokens that are kept', () => {
  const started = (lifetimeMs: number) => {
    const clock = new ManualClock();
    const asked: string[] = [];
    const tokens = new CachedTokens(async (audience) => {
      asked.push(audience);
      return { token: `${audience} ${asked.length}`, expiresAt: clock.now() + lifetimeMs };
    }, clock);
    return { clock, asked, tokens };
  };

  test('are asked for once for each audience, however many messages need them', async () => {
    const { asked, tokens } = started(900_000);

    const got = await Promise.all(['a', 'b', 'a', 'a'].map((audience) => tokens.token(audience)));

    expect(got).toEqual(['a 1', 'b 2', 'a 1', 'a 1']);
    expect(asked).toEqual(['a', 'b']);
  });

  test('are renewed before their last two minutes', async () => {
    const { clock, tokens } = started(900_000);
    await tokens.token('a');

    clock.advance(780_000);
    expect(await tokens.token('a')).toBe('a 1');
    clock.advance(1);
    expect(await tokens.token('a')).toBe('a 2');
  });

  test('are asked for again after a failure', async () => {
    let fails = true;
    const tokens = new CachedTokens(async () => {
      if (fails) throw new Error('down');
      return { token: 'good', expiresAt: Number.MAX_SAFE_INTEGER };
    }, new ManualClock());

    await expect(Promise.all([tokens.token('a'), tokens.token('a')])).rejects.toThrow('down');
    fails = false;
    expect(await tokens.token('a')).toBe('good');
  });
});

describe('tokens of STS', () => {
  test('are for one audience and a quarter of an hour', async () => {
    world.answer = () => [
      200,
      '<GetWebIdentityTokenResponse><GetWebIdentityTokenResult><WebIdentityToken>h.p.s</WebIdentityToken><Expiration>2026-01-01T00:15:00Z</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>',
    ];

    const issued = await stsTokens(client(), new ManualClock())('posthorn-dev/greeting');

    expect(issued).toEqual({ token: 'h.p.s', expiresAt: Date.parse('2026-01-01T00:15:00Z') });
    expect(Object.fromEntries(new URLSearchParams(bodies.at(-1)))).toMatchObject({
      Action: 'GetWebIdentityToken',
      'Audience.member.1': 'posthorn-dev/greeting',
      DurationSeconds: '900',
      SigningAlgorithm: 'RS256',
    });
  });

  test('name the command where the account does not issue them', async () => {
    world.answer = () => [
      403,
      '<ErrorResponse><Error><Type>Sender</Type><Code>OutboundWebIdentityFederationDisabledException</Code><Message>disabled</Message></Error></ErrorResponse>',
    ];

    await expect(stsTokens(client(), new ManualClock())('a')).rejects.toThrow('aws iam enable-outbound-web-identity-federation');
  });
});

describe('tokens of an identity provider', () => {
  const settings = () => ({ tokenUrl: `${endpoint}/token`, clientId: 'mesh', secretParameter: '/mesh/secret', scope: 'send' });
  const start = () => oidcTokens(settings(), { client: client(), clock: new ManualClock(), fetch: (url, init) => fetch(url, init) });
  let secret = 's3cret';
  const parameter = (): Answer => [200, JSON.stringify({ Parameter: { Name: '/mesh/secret', Value: secret } })];
  const isParameter = (request: IncomingMessage) => request.headers['x-amz-target'] === 'AmazonSSM.GetParameter';

  test('are got by the client credentials grant, with the secret from SSM, which is read once', async () => {
    const seen: string[] = [];
    world.answer = (request, body) => {
      seen.push(isParameter(request) ? 'secret' : body);
      return isParameter(request) ? parameter() : [200, JSON.stringify({ access_token: 'h.p.s', expires_in: 600, token_type: 'Bearer' })];
    };
    const issue = start();

    const issued = await issue('posthorn-dev/greeting');
    await issue('posthorn-dev/other');

    expect(issued).toEqual({ token: 'h.p.s', expiresAt: new ManualClock().now() + 600_000 });
    expect(seen.filter((what) => what === 'secret')).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(seen[1]))).toEqual({
      ...{ grant_type: 'client_credentials', client_id: 'mesh', client_secret: 's3cret', scope: 'send' },
      ...{ audience: 'posthorn-dev/greeting', resource: 'posthorn-dev/greeting' },
    });
  });

  test('are asked for with the new secret after one was refused, and no error shows a secret', async () => {
    world.answer = (request, body) => {
      if (isParameter(request)) return parameter();
      return body.includes('n3w') ? [200, '{"access_token":"h.p.s"}'] : [401, '{"error":"invalid_client"}'];
    };
    const issue = start();

    const refused = await issue('a').catch((error: unknown) => error);
    secret = 'n3w';
    const issued = await issue('a');

    expect(String(refused)).toBe(`Error: the token endpoint ${endpoint} answered HTTP 401`);
    expect(issued.token).toBe('h.p.s');
  });

  test.each([
    ['no JSON', [200, 'token'] as const],
    ['no token', [200, '{"expires_in":60}'] as const],
    ['an empty token', [200, '{"access_token":""}'] as const],
    ['an outage', [503, ''] as const],
  ])('cannot be had from an endpoint with %s', async (_what, answer) => {
    world.answer = (request) => (isParameter(request) ? parameter() : answer);

    await expect(start()('a')).rejects.toThrow();
  });
});
