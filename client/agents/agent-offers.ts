import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import type { AgentRegistration } from '../../events/registration.ts';
import { queryItems } from '../query-items.ts';
import { type OperatedOffer, parseOperatedOffer } from '../rollouts/operated-offer.ts';

/** Queries at the same time. */
const CONCURRENCY = 10;

/** The offers of an agent, by a query of each of its capabilities, and the rollouts to it. @param table of offers */
export async function agentOffers(
  dynamodb: DynamoDBClient,
  table: string,
  { id, capabilities }: Pick<AgentRegistration, 'id' | 'capabilities'>,
): Promise<readonly OperatedOffer[]> {
  const ask = (capability: string) => queryItems(dynamodb, { table, partition: ['capability', capability], sort: ['agent', id] });
  return (await pMap(new Set(capabilities), ask, { concurrency: CONCURRENCY })).flat().flatMap((item) => parseOperatedOffer(item) ?? []);
}
