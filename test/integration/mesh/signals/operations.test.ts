import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeName, functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';

let fixture: MeshFixture;
let url: string;
const lines: string[] = [];

beforeAll(async () => {
  fixture = await startMeshFixture(
    {
      agentsFolder: join(import.meta.dirname, 'agents'),
      rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 1 },
    },
    (line) => lines.push(line),
  );
  const edge = fixture.cloud.apis.find(({ name }) => name === edgeName(meshName()));
  url = edge?.stages[0]?.url ?? 'the mesh has no edge';
});
afterAll(() => fixture[Symbol.asyncDispose]());

const metrics = async (accept = '*/*') => {
  const response = await fetch(`${url}metrics`, { headers: { accept } });
  return { response, text: await response.text() };
};

test('GET /metrics has the totals of the mesh, and /agents its load', async () => {
  const send = (end: string, count: number) =>
    fixture.mesh.send(
      'measuring',
      Array.from({ length: count }, () => event({ end })),
    );
  await send('well', 12);
  await send('rejected', 3);
  await send('dead-lettered', 2);

  const text = await until('the metrics have all outcomes', async () => {
    const { text } = await metrics();
    const has = (outcome: string, count: number) =>
      text.includes(`\nposthorn_messages_total{agent="measuring",outcome="${outcome}"} ${count}\n`);
    return has('processed', 12) && has('rejected', 3) && has('dead-lettered', 2) && text;
  });

  expect(text).toContain('# TYPE posthorn_messages_total counter\n');
  for (const line of [
    'posthorn_deliveries_total{agent="measuring"} 19',
    'posthorn_retries_total{agent="measuring"} 2',
    'posthorn_sent_messages_total{agent="measuring"} 12',
    'posthorn_wait_seconds_bucket{agent="measuring",le="+Inf"} 17',
    'posthorn_handle_seconds_count{agent="measuring"} 19',
    'posthorn_critical_seconds_count{agent="measuring"} 17',
    'posthorn_agent_info{agent="measuring",version="1.2.3"} 1',
  ])
    expect(text.split('\n')).toContain(line);

  const load = await fetch(`${url}agents/measuring/load`);
  expect(load.headers.get('cache-control')).toBe('private, max-age=5');
  expect(await load.json()).toMatchObject({
    ...{ agent: 'measuring', version: '1.2.3', at: expect.stringMatching(/Z$/), load: expect.any(Number), backlog: 0 },
    ...{ drainPerSecond: expect.any(Number), expectedWaitSeconds: 0 },
  });
  const agents = await (await fetch(`${url}agents`)).json();
  expect(agents).toMatchObject({ agents: [{ id: 'measuring', version: '1.2.3', load: expect.any(Number) }] });
});

test('GET /journeys/{id} has the hops of a journey, as posthorn trace shows them', async () => {
  const correlationid = 'journey of two';
  await fixture.mesh.send('measuring', [event({ end: 'well' }, { correlationid }), event({ end: 'rejected' }, { correlationid })]);
  const journey = async (query = '') => {
    const response = await fetch(`${url}journeys/${encodeURIComponent(correlationid)}${query}`);
    return JSON.parse(await response.text());
  };

  const whole = await until('both have their outcome', async () => {
    const found = await journey();
    return found.hops?.filter(({ endedAt }: { endedAt: string | null }) => endedAt !== null).length === 2 && found;
  });
  expect(whole.hops.map(({ state }: { state: string }) => state).toSorted()).toEqual(['processed', 'rejected']);
  expect(whole.hops).toMatchObject([{ agent: 'measuring', correlationId: correlationid }, { agent: 'measuring' }]);

  const [first, second] = [await journey('?limit=1'), await journey('?limit=1&after=1')];
  expect([...first.hops, ...second.hops]).toEqual(whole.hops);
  expect([first.next, second.next]).toEqual(['1', undefined]);
  expect((await fetch(`${url}journeys/nothing`)).status).toBe(404);
});

test('Prometheus gets OpenMetrics if it asks for it, as text', async () => {
  const { response, text } = await metrics('application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.25');

  expect(response.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(text).toContain('# TYPE posthorn_deliveries counter\n');
  expect(text.endsWith('\n# EOF\n')).toBe(true);
});

test('what is not valid is refused with the remedy, and never a failure', async () => {
  const hostile: readonly (readonly [string, RequestInit, number])[] = [
    [`agents/${'a'.repeat(10_000)}/load`, {}, 400],
    ['agents/%00/load', {}, 400],
    ['agents/%zz/load', {}, 400],
    ['agents/caf%C3%A9/load', {}, 400],
    ['agents/__proto__/load', {}, 400],
    ['agents/..%2f..%2fetc/load', {}, 400],
    ['agents/nobody/load', {}, 404],
    ['agents/measuring/', {}, 200],
    ['agents/measuring/queue', {}, 404],
    ['agents?limit=1&limit=2', {}, 400],
    ['journeys/nothing?sources=x', {}, 400],
    ['agents?limit=0', {}, 400],
    ['agents?limit=1e2', {}, 400],
    ['agents?after=%00', {}, 400],
    ['metrics', { method: 'POST', body: '{}' }, 405],
    ['agents/measuring/load', { method: 'DELETE' }, 405],
    ['metrics', { headers: { accept: `${'text/x;q=0.1,'.repeat(500)}*/*` } }, 200],
    ['metrics', { headers: { accept: ';;;=,,q=,' } }, 200],
  ];
  for (const [path, init, status] of hostile) {
    const response = await fetch(`${url}${path}`, init);
    expect([path.slice(0, 40), response.status]).toEqual([path.slice(0, 40), status]);
    if (status === 200) continue;
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      status,
      type: expect.stringMatching(/^urn:posthorn:problem:/),
      detail: expect.any(String),
    });
  }
  expect(lines.filter((line) => line.includes('a request failed'))).toEqual([]);
});

test('requests that HTTP allows and few clients send get an answer too', async () => {
  const send = async (method: string, body = '', headers: Readonly<Record<string, string>> = {}) => {
    const sent = request(`${url}metrics`, { method, headers: { 'content-length': String(body.length), ...headers } }).end(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => sent.once('response', resolve).once('error', reject));
    return [response.statusCode, response.headers['content-type']?.split(';')[0], await text(response)];
  };

  const metricsText = [200, 'text/plain', expect.stringContaining('posthorn_agent_info')];
  const notAllowed = [405, 'application/problem+json', expect.stringContaining('"urn:posthorn:problem:method-not-allowed"')];
  expect(await send('GET', '{"a":1}')).toEqual(metricsText);
  expect(await send('GET', '', { accept: 'caf\u00e9', 'x-odd': '\u00ff' })).toEqual(metricsText);
  expect(await send('OPTIONS')).toEqual(notAllowed);
  expect(await send('TRACE')).toEqual(notAllowed);
  expect(lines.filter((line) => line.includes('Error processing request'))).toEqual([]);
});

test('an answer that has not changed is not sent again', async () => {
  const ask = async (tag?: string) => fetch(`${url}agents/measuring/load`, { headers: tag === undefined ? {} : { 'if-none-match': tag } });

  // The probe may take a snapshot between two requests.
  const again = await until('an unchanged answer', async () => {
    const tag = (await ask()).headers.get('etag') ?? '';
    const response = await ask(tag);
    return response.status === 304 && response;
  });
  expect(await again.text()).toBe('');
  expect((await ask('"other"')).status).toBe(200);
});
