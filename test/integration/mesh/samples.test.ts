import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MeshClient } from '../../../cli/commands/dev/mesh-client.ts';
import { readSamples, SAMPLES } from '../../../cli/commands/dev/run-samples.ts';
import { runSample, type SampleRun } from '../../../cli/commands/dev/sample-run.ts';
import { startPaymentService } from '../../../functions/agents/order-processing/payment-service.ts';
import { startMeshFixture } from '../../helpers/mesh-fixture.ts';

const AGENTS = join(import.meta.dirname, '../../../functions/agents');
const samples = await readSamples();
const stack = new AsyncDisposableStack();
let client: MeshClient;
/** All at the same time, as `npm start` sends them. */
let runs: ReadonlyMap<string, Promise<SampleRun>>;

beforeAll(async () => {
  const payments = stack.adopt(await startPaymentService(), (service) => service.close());
  const { mesh } = stack.use(await startMeshFixture({ agentsFolder: AGENTS, variables: { PAYMENT_URL: payments.url } }));
  client = stack.use(new MeshClient(mesh.settings, payments));
  const replies = new AbortController();
  const collecting = client.collectReplies(replies.signal);
  stack.defer(async () => {
    replies.abort();
    await collecting;
  });
  runs = new Map(
    [...samples].map(([name, sample]) => [name, runSample(name, sample, SAMPLES, client, AbortSignal.timeout(100_000), () => undefined)]),
  );
});
afterAll(() => stack.disposeAsync());

describe("today's code does with every stored sample what the sample declares", () => {
  test.for([...samples.keys()])('%s', async (name) => {
    const run = await runs.get(name);

    expect(run?.differences).toEqual([]);
    expect(run?.observed.hops.length).toBeGreaterThan(0);
  });
});

test('a sample that ends otherwise than it declares is told so', async () => {
  const order = samples.get('order');
  if (order === undefined) throw new Error('the sample order is gone');
  const hasEnded = new AbortController();
  const other = { ...order, expect: { ...order.expect, outcomes: { 'order-processing': { rejected: 1, codes: ['Declined'] } } } };

  const run = await runSample('other', other, SAMPLES, client, hasEnded.signal, ({ hops }) => {
    if (hops.some(({ outcome }) => outcome !== undefined)) hasEnded.abort();
  });

  expect(run.differences).toEqual(
    expect.arrayContaining([
      'order-processing: processed: expected 0, got 1',
      'order-processing: rejected: expected 1, got 0',
      'order-processing: codes: expected Declined, got none',
    ]),
  );
});
