import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Offer } from '../../events/offer.ts';
import { ROLLOUT_ATTRIBUTE, type Rollout } from '../../events/rollout.ts';

/** The key of an offer. */
export type OfferKey = Pick<Offer, 'capability' | 'agent'>;

/** A table of offers, with who may write to it. */
export interface OffersTable {
  readonly dynamodb: DynamoDBClient;
  readonly table: string;
}

/** Sets an agent's weight for a capability. @returns `false` if it does not offer it */
export const writeWeight = (to: OffersTable, key: OfferKey, weight: number): Promise<boolean> =>
  update(to, key, { set: 'weight', value: weight, condition: 'attribute_exists(revision)' });

/**
 * Writes a rollout into the offer of its agent.
 *
 * @param last the rollout as it was read; `undefined` for none
 * @returns `false` if it has changed since, or if the agent does not offer the capability any more
 */
export const writeRollout = (to: OffersTable, key: OfferKey, rollout: Rollout, last: string | undefined): Promise<boolean> =>
  update(to, key, {
    set: ROLLOUT_ATTRIBUTE,
    value: JSON.stringify(rollout),
    condition: `attribute_exists(revision) AND ${last === undefined ? 'attribute_not_exists(#set)' : '#set = :last'}`,
    ...(last !== undefined && { last }),
  });

interface Update {
  readonly set: string;
  readonly value: string | number;
  readonly condition: string;
  readonly last?: string;
}

async function update({ dynamodb, table }: OffersTable, { capability, agent }: OfferKey, { set, value, condition, last }: Update) {
  try {
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall({ capability, agent }),
        UpdateExpression: 'SET #set = :value',
        ConditionExpression: condition,
        ExpressionAttributeNames: { '#set': set },
        ExpressionAttributeValues: marshall({ ':value': value, ':last': last }, { removeUndefinedValues: true }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
