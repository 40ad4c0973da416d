import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod/mini';
import { meshName } from '../../../events/names.ts';
import { awsOperations } from './aws-operations.ts';
import { operationsApp } from './operations-app.ts';
import { Problem } from './problem.ts';

const environment = z.parse(
  z.object({
    POSTHORN_PREFIX: z.string(),
    POSTHORN_STAGE: z.string(),
    POSTHORN_REGISTRY_TABLE: z.string(),
    POSTHORN_METRICS_TABLE: z.string(),
  }),
  process.env,
);
const logger = new Logger({ serviceName: 'operations' });
const ports = awsOperations(new DynamoDBClient(), {
  mesh: meshName({ prefix: environment.POSTHORN_PREFIX, stage: environment.POSTHORN_STAGE }),
  registryTable: environment.POSTHORN_REGISTRY_TABLE,
  metricsTable: environment.POSTHORN_METRICS_TABLE,
});
const app = operationsApp(ports, (error) => logger.error('a request failed', error));
// OpenMetrics is text, which the adapter cannot know; base64 would reach the client as it is.
const respond = handle(app, { isContentTypeBinary: () => false });

/** Answers requests by Lambda proxy integration. */
export async function handler(event: LambdaEvent, context: LambdaContext): Promise<APIGatewayProxyResult> {
  try {
    // No route takes a body, and a GET that has one cannot be made a `Request`.
    return await respond({ ...event, body: null }, context);
  } catch (error) {
    // The routes answer their own errors. What is left is a request that HTTP's own types refuse, such as the method TRACE.
    logger.warn('a request is not valid', { error });
    const problem = new Problem('invalid-request', 'method, path or a header is not valid: send a plain GET');
    const headers = { 'Content-Type': 'application/problem+json' };
    return { statusCode: problem.status, headers, body: JSON.stringify(problem), isBase64Encoded: false };
  }
}
