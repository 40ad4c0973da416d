import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { agentName, offerItems } from '../../../bench/registry/offer-items.ts';
import { OFFERS_TABLE } from '../../../bench/stub/table-names.ts';
import { DynamoDbOffers } from '../../../functions/runtime/aws/dynamodb-offers.ts';
import { AgentFinder } from '../../../functions/runtime/discovery/agent-finder.ts';
import { tendOffers } from '../../../functions/services/probe/tend-offers.ts';
import { startOffersTable } from '../../helpers/offers-table.ts';

const AGENTS = 10_000;
const CAPABILITY = 'sentiment-analysis';
const [first, last] = [agentName(CAPABILITY, 0), agentName(CAPABILITY, AGENTS - 1)];

test('a capability with 10,000 agents is found, chosen from, shifted and rolled out like any other', async () => {
  const { put, client, dynamodb, probe, requests, warnings } = await startOffersTable();
  // As they come: the first one has the capability's journeys.
  for (const [nth, item] of offerItems(CAPABILITY, AGENTS).entries()) await put(marshall({ ...item, weight: nth === 0 ? 100 : 0 }));

  const found = await client.findAgents({ capability: CAPABILITY });
  expect(found).toHaveLength(AGENTS);
  expect(new Set(found.map(({ agent }) => agent)).size).toBe(AGENTS);
  expect(found[0]).toMatchObject({ agent: first, weight: 100 });
  const newest = await client.findAgents({ capability: CAPABILITY, version: '^3.0', maxLatencyMs: 60_000, limit: 3 });
  expect(newest.map(({ version }) => version)).toEqual(['3.0.0', '3.0.0', '3.0.0']);

  await client.shift(CAPABILITY, last, 40);
  // The weights that change, and no others.
  expect(requests.UpdateItem).toBe(2);
  const offers = new DynamoDbOffers(dynamodb, OFFERS_TABLE);
  const finder = new AgentFinder({ offers, clock: { now: () => 0 }, logger: { warn: () => expect.fail('an agent is healthy') } });
  const journeys = Array.from({ length: 1_000 }, (_, nth) => `journey-${nth}`);
  const chosen = await Promise.all(journeys.map((journey) => finder.find({ capability: CAPABILITY }, journey)));
  expect(new Set(chosen)).toEqual(new Set([first, last]));
  expect(Math.abs(chosen.filter((agent) => agent === last).length - 400)).toBeLessThan(5 * Math.sqrt(1_000 * 0.4 * 0.6));

  await client.rollouts.start(CAPABILITY, { to: last, steps: [50, 100] });
  expect(await client.rollouts.of(CAPABILITY)).toMatchObject({ to: last, state: 'running' });
  expect(await tendOffers(probe, await probe.offers(), new Map())).toEqual([]);
  expect(await client.rollouts.abort(CAPABILITY)).toMatchObject({ state: 'rolled-back', before: {} });
  expect((await client.findAgents({ capability: CAPABILITY, limit: 2 })).map(({ weight }) => weight)).toEqual([60, 40]);
  expect(warnings).toEqual([]);
});
