import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod/mini';
import { IGNORED_MESSAGE, registrationPath } from '../../../events/registration.ts';
import { serviceLogger } from '../../runtime/aws/service-logger.ts';
import { meshEnvironmentSchema, meshOf } from '../mesh-environment.ts';
import { awsRegistry } from './aws-registry.ts';
import { bringInLine, type RegistryReport, UnwrittenItemsError } from './bring-in-line.ts';
import { Runs } from './runs.ts';

const environment = z.parse(
  z.extend(meshEnvironmentSchema, {
    POSTHORN_OFFERS_TABLE: z.string(),
  }),
  process.env,
);
const mesh = meshOf(environment);
const logger = serviceLogger('registry');
const ports = awsRegistry(
  { ssm: new SSMClient(), dynamodb: new DynamoDBClient() },
  {
    path: registrationPath(mesh),
    tableName: environment.POSTHORN_REGISTRY_TABLE,
    offersTable: environment.POSTHORN_OFFERS_TABLE,
  },
);

const runs = new Runs(
  () => bringInLine(ports),
  () => Date.now(),
);

/** Runs when a parameter of the mesh has changed, and on a schedule. A run reads everything: of the event, only its time matters. */
export async function handler(event: unknown): Promise<void> {
  try {
    const report = await runs.after(event);
    if (report !== undefined) log(report);
  } catch (error) {
    if (error instanceof UnwrittenItemsError) log(error.report);
    throw error;
  }
}

function log({ written, removed, ignored }: RegistryReport): void {
  for (const problem of ignored) logger.error(IGNORED_MESSAGE, { problem });
  if (written.length + removed.length > 0) logger.info('registry changed', { written, removed });
}
