import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { agentRegistrationSchema } from '../../events/registration.ts';
import { registryItemSchema } from '../../events/registry.ts';
import { queryItems } from '../query-items.ts';

const registeredAgentSchema = z.object({ ...agentRegistrationSchema.shape, app: z.optional(z.string()) });

/** The registration of an agent, and the app that has it. */
export type RegisteredAgent = z.output<typeof registeredAgentSchema>;

/**
 * The agents of a mesh, in alphabetical order.
 *
 * @param table of the registry
 * @param id only this one. @default all
 */
export async function agentRegistrations(dynamodb: DynamoDBClient, table: string, id?: string): Promise<readonly RegisteredAgent[]> {
  const sort = id === undefined ? undefined : (['id', id] as const);
  const items = await queryItems(dynamodb, { table, partition: ['kind', 'agent'], sort });
  return items.map((item) => registeredAgentSchema.parse(JSON.parse(registryItemSchema.parse(item).value)));
}
