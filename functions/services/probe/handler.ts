import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { serviceLogger } from '../../runtime/aws/service-logger.ts';
import { meshEnvironmentSchema, meshOf } from '../mesh-environment.ts';
import { awsProbe } from './aws-probe.ts';
import { probe } from './probe.ts';

const environment = z.parse(
  z.extend(meshEnvironmentSchema, {
    POSTHORN_OFFERS_TABLE: z.string(),
    POSTHORN_METRICS_TABLE: z.string(),
    POSTHORN_QUEUE_URL: z.string().check(z.includes('{queue}')),
    POSTHORN_PROBE_MINUTES: z.coerce.number().check(z.positive()),
  }),
  process.env,
);
const logger = serviceLogger('probe');
const ports = awsProbe(
  { dynamodb: new DynamoDBClient(), sqs: new SQSClient(), lambda: new LambdaClient(), logger },
  {
    mesh: meshOf(environment),
    registryTable: environment.POSTHORN_REGISTRY_TABLE,
    offersTable: environment.POSTHORN_OFFERS_TABLE,
    metricsTable: environment.POSTHORN_METRICS_TABLE,
    queueUrl: environment.POSTHORN_QUEUE_URL,
  },
);

/** Runs on a schedule. The content of the event does not matter. */
export async function handler(): Promise<void> {
  logger.debug('snapshots taken', { agents: await probe(ports, environment.POSTHORN_PROBE_MINUTES * 60) });
}
