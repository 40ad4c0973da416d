import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { agentName, offerItems, offerItemsWithRollouts } from '../../../bench/registry/offer-items.ts';
import { probeHealth } from '../../../bench/registry/probe-health.ts';
import { OFFERS_TABLE } from '../../../bench/stub/table-names.ts';
import { declaredOffer } from '../../../events/offer.ts';
import { startOffersTable } from '../../helpers/offers-table.ts';

const CAPABILITY = 'sentiment-analysis';
const [one, other] = [agentName(CAPABILITY, 0), agentName(CAPABILITY, 1)];

test('the items of the benchmark are those that registry, probe and operators write together', async () => {
  const { registry, probe, client, dynamodb } = await startOffersTable();
  const benched = offerItems(CAPABILITY, 2);
  for (const [nth, agent] of [one, other].entries()) {
    const { version } = JSON.parse(String(benched[nth]?.declared));
    const declared = { capability: CAPABILITY, agent, declared: declaredOffer({ version }), weight: 100 };
    await registry.writeOffer({ ...declared, revision: Number(benched[nth]?.revision) }, undefined);
    await probe.judge({ id: agent, capabilities: [CAPABILITY] }, probeHealth());
  }
  const written = async (agent: string) => {
    const Key = marshall({ capability: CAPABILITY, agent });
    return unmarshall((await dynamodb.send(new GetItemCommand({ TableName: OFFERS_TABLE, Key }))).Item ?? {});
  };
  expect([await written(one), await written(other)]).toEqual(benched);

  const [ended, running] = offerItemsWithRollouts(CAPABILITY, 2).map(({ rollout }) => JSON.parse(String(rollout)));
  await client.rollouts.start(CAPABILITY, { to: other, steps: [10, 50, 100] });
  const { seen, ...begun } = running;
  const now = JSON.parse(String((await written(other)).rollout));
  expect(Object.keys(now).sort()).toEqual(Object.keys(begun).sort());
  expect(now.before).toEqual(running.before);
  await client.rollouts.abort(CAPABILITY);
  expect(JSON.parse(String((await written(other)).rollout)).before).toEqual(ended.before);
});
