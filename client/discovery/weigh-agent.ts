import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { MeshName } from '../../events/names.ts';
import { FULL_WEIGHT, offersTableName } from '../../events/offer.ts';
import type { AwsClients } from '../aws-clients.ts';
import { InvalidQueryError, NotOfferedError } from '../errors.ts';
import { inTable } from '../missing-table.ts';

interface Weighing {
  readonly agent: string;
  readonly capability: string;
  /** 0 to {@link FULL_WEIGHT}. */
  readonly weight: number;
}

/** Sets an agent's weight for a capability that it offers. @throws InvalidQueryError, NotOfferedError, MissingTableError */
export async function weighAgent(aws: AwsClients, mesh: MeshName, { agent, capability, weight }: Weighing): Promise<void> {
  if (!(Number.isInteger(weight) && weight >= 0 && weight <= FULL_WEIGHT))
    throw new InvalidQueryError(`the share is ${weight}`, { remedy: `Give a whole number of percent from 0 to ${FULL_WEIGHT}.` });
  const update = aws.dynamodb.send(
    new UpdateItemCommand({
      TableName: offersTableName(mesh),
      Key: marshall({ capability, agent }),
      UpdateExpression: 'SET weight = :weight',
      ConditionExpression: 'attribute_exists(revision)',
      ExpressionAttributeValues: marshall({ ':weight': weight }),
    }),
  );
  try {
    await inTable(aws, offersTableName(mesh), update);
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    throw new NotOfferedError(`agent '${agent}' does not offer the capability '${capability}'`, {
      cause,
      remedy: 'Deploy an agent with this capability, or give another one.',
    });
  }
}
