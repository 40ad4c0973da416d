import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LongJourney } from '../../helpers/long-journey.ts';
import { posthorn } from './world.ts';

const HOPS = 10_000;
const FIRST_SCREEN_REQUESTS = 16;

const ledger = new LongJourney({ hops: HOPS, shape: 'chain' });
const server = createServer(ledger.answer);
let endpoint: string;

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test(`posthorn trace prints the first screen of ${HOPS} hops before it reads on, and then all of them, in order, and their sum`, async () => {
  // Without this the ledger answers nothing more, and the command would wait for ever.
  const gate = ledger.holdAfter(FIRST_SCREEN_REQUESTS);

  const { code, stdout, stderr } = await posthorn(['trace', ledger.id, '--json', '--endpoint-url', endpoint], {
    onOutput: () => gate.open(),
  });

  expect(code, stderr).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, -1).map((line) => JSON.parse(line).messageKey)).toEqual(
    Array.from({ length: HOPS }, (_, nth) => ledger.keyOf(nth)),
  );
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ summary: { hops: HOPS, processed: HOPS, open: 0, notReceived: 0 } });
});
