import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import * as z from 'zod/mini';
import { serviceLogger } from '../../runtime/aws/service-logger.ts';
import { meshEnvironmentSchema, meshOf } from '../mesh-environment.ts';
import { awsOperations } from './aws-operations.ts';
import { methodProblem } from './method-not-allowed.ts';
import { operationsApp } from './operations-app.ts';

const environment = z.parse(
  z.extend(meshEnvironmentSchema, {
    POSTHORN_OFFERS_TABLE: z.string(),
    POSTHORN_METRICS_TABLE: z.string(),
  }),
  process.env,
);
const logger = serviceLogger('operations');
const ports = awsOperations(new DynamoDBClient(), {
  mesh: meshOf(environment),
  registryTable: environment.POSTHORN_REGISTRY_TABLE,
  offersTable: environment.POSTHORN_OFFERS_TABLE,
  metricsTable: environment.POSTHORN_METRICS_TABLE,
});
const app = operationsApp(ports, (error) => logger.error('a request failed', { error }));
// OpenMetrics is text, which the adapter cannot know; base64 would reach the client as it is.
const respond = handle(app, { isContentTypeBinary: () => false });

/** No `Request` can have these methods, so the adapter would answer them with text. @see https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

const requestSchema = z.object({ httpMethod: z.string(), path: z.string() });

/** Answers requests by Lambda proxy integration. */
export async function handler(event: LambdaEvent, context: LambdaContext): Promise<APIGatewayProxyResult> {
  const { httpMethod, path } = z.parse(requestSchema, event);
  if (FORBIDDEN_METHODS.has(httpMethod.toUpperCase())) {
    const problem = methodProblem(httpMethod, path);
    return { statusCode: problem.status, headers: { ...problem.headers }, body: JSON.stringify(problem), isBase64Encoded: false };
  }
  // No route takes a body, and a GET that has one cannot be made a `Request`.
  return respond({ ...event, body: null }, context);
}
