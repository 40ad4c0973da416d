import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AgentRegistration, agentRegistrationSchema } from '../../events/registration.ts';
import { registryItemSchema } from '../../events/registry.ts';
import { queryItems } from '../query-items.ts';

/**
 * The agents of a mesh, in alphabetical order.
 *
 * @param table of the registry
 * @param id only this one. @default all
 */
export async function agentRegistrations(dynamodb: DynamoDBClient, table: string, id?: string): Promise<readonly AgentRegistration[]> {
  const sort = id === undefined ? undefined : (['id', id] as const);
  const items = await queryItems(dynamodb, { table, partition: ['kind', 'agent'], sort });
  return items.map((item) => agentRegistrationSchema.parse(JSON.parse(registryItemSchema.parse(item).value)));
}
