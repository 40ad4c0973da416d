import type { AwsClients } from './aws-clients.ts';
import { MissingTableError } from './errors.ts';

/** Waits for a request to a table of the mesh. @throws MissingTableError when there is no such table */
export async function inTable<Answer>(aws: AwsClients, tableName: string, request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'ResourceNotFoundException') throw cause;
    throw new MissingTableError(`there is no table '${tableName}' at ${aws.where} in region ${await aws.region()}`, {
      cause,
      remedy: 'Deploy the stacks of this version, or check stage, prefix, region and endpoint.',
    });
  }
}
