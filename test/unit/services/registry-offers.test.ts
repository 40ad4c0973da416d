import { expect, test } from 'vitest';
import { parseOffer } from '../../../events/offer.ts';
import { bringInLine } from '../../../functions/services/registry/bring-in-line.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { agentOf } from './registrations.ts';

const nameOf = (id: string, app = 'mesh') => `/posthorn/dev/${app}/agents/${id}`;

function registryWith(...agents: ReturnType<typeof agentOf>[]) {
  const registry = new MemoryRegistry();
  for (const agent of agents) registry.declare(nameOf(agent.id), agent);
  return registry;
}

const sentiment = (id: string, version: string) => agentOf(id, { version, capabilities: ['sentiment-analysis', id] });

const offersIn = (registry: MemoryRegistry) => [...registry.offers.values()].flatMap((item) => parseOffer(item) ?? []);

const weightsIn = (registry: MemoryRegistry, capability = 'sentiment-analysis') =>
  Object.fromEntries(
    offersIn(registry)
      .filter((offer) => offer.capability === capability)
      .map(({ agent, weight }) => [agent, weight]),
  );

test('each agent offers each of its capabilities once, in its version', async () => {
  const registry = registryWith(agentOf('one', { capabilities: ['reading', 'writing', 'reading'], version: '1.2.3' }));
  await bringInLine(registry.ports());

  expect(offersIn(registry)).toEqual([
    { capability: 'reading', agent: 'one', version: '1.2.3', weight: 100, health: undefined },
    { capability: 'writing', agent: 'one', version: '1.2.3', weight: 100, health: undefined },
  ]);
});

test('an agent that is new for a capability which is served begins with weight 0, and a redeployment keeps the weight', async () => {
  const registry = registryWith(sentiment('sentiment-v1', '1.0.0'));
  await bringInLine(registry.ports());
  registry.declare(nameOf('sentiment-v2'), sentiment('sentiment-v2', '2.0.0'));
  await bringInLine(registry.ports());
  expect(weightsIn(registry)).toEqual({ 'sentiment-v1': 100, 'sentiment-v2': 0 });
  expect(weightsIn(registry, 'sentiment-v2')).toEqual({ 'sentiment-v2': 100 });

  const key = 'offer sentiment-analysis sentiment-v2';
  const offer = registry.offers.get(key);
  if (offer !== undefined) registry.offers.set(key, { ...offer, weight: 10, health: '{}' });
  registry.declare(nameOf('sentiment-v2'), sentiment('sentiment-v2', '2.0.1'));
  await bringInLine(registry.ports());

  expect(registry.offers.get(key)).toMatchObject({ weight: 10, health: '{}', declared: '{"version":"2.0.1"}' });
});

test('of several that are new together the lowest version serves', async () => {
  const registry = registryWith(sentiment('a-new', '10.0.0'), sentiment('b-old', '9.0.0'), sentiment('c-odd', 'not a version'));
  await bringInLine(registry.ports());

  expect(weightsIn(registry)).toEqual({ 'a-new': 0, 'b-old': 0, 'c-odd': 100 });
});

test('what is no longer declared is removed; an agent whose parameter is broken keeps its offers', async () => {
  const registry = registryWith(sentiment('sentiment-v1', '1.0.0'), sentiment('sentiment-v2', '2.0.0'));
  await bringInLine(registry.ports());
  registry.parameters.delete(nameOf('sentiment-v1'));
  registry.declare(nameOf('sentiment-v2'), '{');
  const report = await bringInLine(registry.ports());

  expect(report.removed).toEqual(expect.arrayContaining(['offer sentiment-analysis sentiment-v1']));
  expect(weightsIn(registry)).toEqual({ 'sentiment-v2': 0 });
});

test('two runs that race end in the same offers', async () => {
  const registry = registryWith(sentiment('sentiment-v1', '1.0.0'));
  await bringInLine(registry.ports());
  registry.declare(nameOf('sentiment-v2'), sentiment('sentiment-v2', '2.0.0'));
  let isFirst = true;
  await bringInLine(
    registry.ports(async () => {
      if (!isFirst) return;
      isFirst = false;
      registry.parameters.delete(nameOf('sentiment-v1'));
      await bringInLine(registry.ports());
    }),
  );

  expect(Object.keys(weightsIn(registry))).toEqual(['sentiment-v2']);
});

test('an item that is no offer is reported, and keeps nothing else from being brought in line', async () => {
  const registry = registryWith(sentiment('sentiment-v1', '1.0.0'));
  registry.strays.push({ capability: 'sentiment-analysis', agent: 'sentimnet-v1', weight: 10 }, 'text');
  const report = await bringInLine(registry.ports());

  expect(weightsIn(registry)).toEqual({ 'sentiment-v1': 100 });
  expect(report.ignored).toEqual([
    expect.stringMatching(
      /^the item of the capability 'sentiment-analysis' and the agent 'sentimnet-v1' is no offer, and may be deleted: .*declared/,
    ),
    expect.stringMatching(/^an item of the table of offers is no offer, and may be deleted: /),
  ]);
});
