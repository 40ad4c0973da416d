import { join } from 'node:path';
import { startDoubles } from '../../../../cli/commands/dev/doubles.ts';
import { readSamples } from '../../../../cli/commands/dev/samples/run-samples.ts';
import { MeshClient } from '../../../../client/index.ts';
import { edgeName, functionName, meshName, PROBE_SERVICE } from '../../../../events/names.ts';
import { event, type MeshFixture, startMeshFixture } from '../../../helpers/mesh-fixture.ts';
import { until } from '../../../helpers/until.ts';
import { posthorn } from '../../cli/world.ts';
import type { Scene, Shown } from './signals-document.ts';

const ROOT = join(import.meta.dirname, '../../../..');

/** The order that somebody asks about, the last of eighty. */
export const ORDER = 'order-4711';
const EARLIER_ORDERS = 79;

/** Stored samples that end soon, each in another way. */
const SAMPLES = ['order', 'payment-fails-twice', 'payment-declined', 'document-text', 'text-invalid'];

/** What a person with a terminal of 80 columns sees. */
const NARROW = ['--import', 'data:text/javascript,process.stdout.columns=80'];

const METRICS = '^posthorn_(messages|retries|load|expected_wait|queue).*(fraud|stock|label)';
const ZERO = ' 0$';

/**
 * Runs the sample agents and those of this folder, of which one is slow, one fails and one crashes, and asks where an order is.
 *
 * @param say is called with the progress
 */
export async function runIncident(say: (step: string) => void = () => undefined): Promise<Readonly<Record<Scene, Shown>>> {
  await using stack = new AsyncDisposableStack();
  const doubles = stack.use(await startDoubles(ROOT));
  const fixture = stack.use(
    await startMeshFixture({
      agentsFolder: join(ROOT, 'functions/agents'),
      moreAgentsFolder: join(import.meta.dirname, 'agents'),
      variables: Object.assign({}, ...Object.values(doubles.environment)),
      // A crash is found out when the message is visible again: 10 s after it, not 60.
      visibilityDivisor: 6,
      rateSeconds: { [functionName(meshName(), PROBE_SERVICE)]: 2 },
    }),
  );
  await untilSeen(fixture);
  await sendAll(fixture);
  say('sent');

  const { endpoint } = fixture.cloud;
  const run = async (command: string) => {
    const words = command.replace(/^npx posthorn /, '').split(' ');
    const { stdout } = await posthorn(words, { nodeOptions: NARROW, env: { AWS_ENDPOINT_URL: endpoint } });
    return { command, text: stdout.trimEnd() };
  };
  const shown = (command: string, ...wanted: readonly RegExp[]): Promise<Shown> => {
    let last = '';
    return until(
      command,
      async () => {
        const now = await run(command);
        last = now.text;
        return wanted.every((pattern) => pattern.test(now.text)) && now;
      },
      { describe: () => last },
    );
  };

  const trace = await shown(
    `npx posthorn trace ${ORDER}`,
    ...[/ checkout .* processed$/m, / order-processing .* processed$/m, / fraud-check .* not received$/m],
    ...[/ stock-keeping .* retry in /m, / label-printing .* dead-lettered$/m],
  );
  say('the crashing agent has given up');
  const stuck = await shown(
    'npx posthorn stuck --older-than 10s --max 3',
    /^There may be more/m,
    /^fraud-check: about \d+ messages wait .* at least/m,
  );
  const dlq = await shown(/npx posthorn dlq show .*/.exec(trace.text)?.[0] ?? 'no dlq command', /Abandoned/);
  const top = await shown(
    'npx posthorn top --once',
    ...[
      /^fraud-check +\S+ +[2-6]0 +- +- +- +\d+ +\d+ .*\d%$/m,
      /^label-printing +\S+ +79 +- +1 +- +- +- /m,
      /^order-processing +\S+ +82 +1 /m,
    ],
    /^stock-keeping +\S+ +- +- +- +80 /m,
    /^fraud-check holds producers back for .*: wait .*, goal 30s$/m,
  );
  return { trace, stuck, dlq, top, metrics: await metricsOf(fixture) };
}

/** What is handled before an agent's first snapshot is not among its counts. */
async function untilSeen({ cloud: { endpoint, region } }: MeshFixture): Promise<void> {
  const mesh = new MeshClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  try {
    const agents = await mesh.agents();
    await until('the probe has seen each agent', async () => (await mesh.metrics()).length === agents.length);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

async function sendAll({ mesh, acknowledged }: MeshFixture): Promise<void> {
  const order = (orderId: string, label: string) =>
    event(
      {
        order: { orderId, amount: { value: 4_998, currency: 'EUR' }, paymentMethod: 'pm_ok', items: [{ sku: 'kettle-1', quantity: 2 }] },
        label,
      },
      { id: orderId, type: 'order.placed' },
    );
  const [, number = ''] = /(\d+)$/.exec(ORDER) ?? [];
  const earlier = Array.from({ length: EARLIER_ORDERS }, (_, nth) =>
    order(`order-${Number(number) - EARLIER_ORDERS + nth}`, 'Ada Lovelace, 12 St James Square'),
  );
  const samples = await readSamples(join(ROOT, 'events/samples'));
  for (const name of SAMPLES) {
    const sample = samples.get(name);
    if (sample !== undefined) await mesh.send(sample.agent, sample.events);
  }
  await acknowledged(await mesh.send('checkout', earlier));
  // What the driver cannot print.
  await acknowledged(await mesh.send('checkout', [order(ORDER, 'Zo\u0000, 7 Rue des Martyrs')]));
}

async function metricsOf({ cloud }: MeshFixture): Promise<Shown> {
  const api = cloud.apis.find(({ name }) => name === edgeName(meshName()));
  const url = `${api?.stages[0]?.url}metrics`;
  const lines = (await (await fetch(url)).text()).split('\n');
  return {
    command: `curl -s ${url} | grep -E '${METRICS}' | grep -v '${ZERO}'`,
    text: lines.filter((line) => new RegExp(METRICS).test(line) && !new RegExp(ZERO).test(line)).join('\n'),
  };
}
