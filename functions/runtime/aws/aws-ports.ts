import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AgentDefinition } from '../agent/agent.ts';
import type { Fetch, Ports } from '../ports.ts';
import type { RuntimeSettings } from '../runtime.ts';
import { verifySignature } from '../trust/verify-signature.ts';
import { CachedTokens, type IssueToken } from './cached-tokens.ts';
import type { ClientOptions } from './client-options.ts';
import { DynamoDbLedger } from './dynamodb-ledger.ts';
import { DynamoDbMetrics } from './dynamodb-metrics.ts';
import { DynamoDbOffers } from './dynamodb-offers.ts';
import { DynamoDbRegistry } from './dynamodb-registry.ts';
import type { Environment } from './environment.ts';
import { EnvironmentDirectory } from './environment-directory.ts';
import { LineFormatter } from './log-formatter.ts';
import { logTo } from './powertools-logger.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { S3ContentStore } from './s3-content-store.ts';
import { SnsAlerts } from './sns-alerts.ts';
import { SqsQueue } from './sqs-queue.ts';
import { systemClock, systemEntropy } from './system.ts';
import { tracingOf } from './tracing-of.ts';

/** The ports of an agent on AWS. @param client where AWS is. @default what the AWS SDK finds in the process's environment */
export function awsPorts(
  agent: Pick<AgentDefinition, 'id' | 'version' | 'concurrency'>,
  environment: Environment,
  client: ClientOptions = {},
): Ports {
  const persistentKeys = { agent: agent.id, version: agent.version };
  const logger = logTo(new Logger({ serviceName: agent.id, persistentKeys, logFormatter: new LineFormatter() }));
  const dynamodb = lean(new DynamoDBClient({ ...client, requestHandler: REQUEST_LIMITS, cacheMiddleware: true }));
  return {
    clock: systemClock,
    entropy: systemEntropy,
    ledger: new DynamoDbLedger(dynamodb, environment.POSTHORN_LEDGER_TABLE),
    tokens: new CachedTokens(issuerOf(environment, client), systemClock),
    fetch: systemFetch,
    verifySignature,
    registry: new DynamoDbRegistry(dynamodb, environment.POSTHORN_REGISTRY_TABLE),
    offers: new DynamoDbOffers(dynamodb, environment.POSTHORN_OFFERS_TABLE),
    // The signature covers the body's SHA-256, so that SQS refuses one that changed on the way: its MD5 in the answer adds nothing.
    queue: new SqsQueue(lean(new SQSClient({ ...client, requestHandler: REQUEST_LIMITS, md5: false, cacheMiddleware: true }))),
    content: new S3ContentStore(environment.POSTHORN_CONTENT_BUCKET, client),
    directory: new EnvironmentDirectory(environment.POSTHORN_TARGETS, environment.POSTHORN_REPLIES_QUEUE_URL),
    alerts: new SnsAlerts(environment.POSTHORN_ALERT_TOPIC_ARN, client),
    metrics: new DynamoDbMetrics(askingOnce(dynamodb, client), environment.POSTHORN_METRICS_TABLE, agent, SYSTEM),
    logger,
    tracing: tracingOf(environment, {
      agent,
      meshPrefix: meshPrefixOf(environment.POSTHORN_INBOX_URL, agent.id),
      client,
      credentials: dynamodb.config.credentials,
      clock: systemClock,
      fetch: systemFetch,
    }),
  };
}

export const runtimeSettings = ({ id }: Pick<AgentDefinition, 'id'>, environment: Environment): RuntimeSettings => ({
  inboxUrl: environment.POSTHORN_INBOX_URL,
  errorQueueUrl: environment.POSTHORN_ERROR_QUEUE_URL,
  deadLetterQueueUrl: environment.POSTHORN_DEAD_LETTER_QUEUE_URL,
  maxReceives: environment.POSTHORN_MAX_RECEIVES,
  journeySampling: environment.POSTHORN_JOURNEY_SAMPLING,
  traceSampling: environment.POSTHORN_TRACE_SAMPLING ?? 1,
  traceIndex: environment.POSTHORN_TRACE_INDEX === 'true',
  authentication: environment.POSTHORN_AUTHENTICATION,
  meshPrefix: meshPrefixOf(environment.POSTHORN_INBOX_URL, id),
});

const SYSTEM = { clock: systemClock, entropy: systemEntropy };

const systemFetch: Fetch = (url, init) => fetch(url, init);

/** Its code is loaded with the first token: most meshes have none. */
function issuerOf({ POSTHORN_TOKENS }: Environment, client: ClientOptions): IssueToken {
  const load = async (): Promise<IssueToken> => {
    if (POSTHORN_TOKENS === undefined) return (await import('./sts-tokens.ts')).stsTokens(client, systemClock);
    return (await import('./oidc-tokens.ts')).oidcTokens(POSTHORN_TOKENS, { client, clock: systemClock, fetch: systemFetch });
  };
  let loading: Promise<IssueToken> | undefined;
  return async (audience) => {
    loading ??= load();
    return (await loading)(audience);
  };
}

/** An inbox's name is `<prefix>-<stage>-<agent>-inbox`. */
function meshPrefixOf(inboxUrl: string, agentId: string): string {
  const name = inboxUrl.slice(inboxUrl.lastIndexOf('/') + 1);
  const suffix = `-${agentId}-inbox`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** Shares the connections of the other client. A write of metrics that is repeated may count twice. */
const askingOnce = ({ config: { requestHandler } }: DynamoDBClient, client: ClientOptions): DynamoDBClient =>
  lean(new DynamoDBClient({ ...client, requestHandler, maxAttempts: 1, cacheMiddleware: true }));

/**
 * Middleware that costs a fifth of the memory of a request and tells only AWS something: it copies inputs and outputs for the SDK's logger,
 * describes the client, and lets Lambda find loops, which the envelope's hops end.
 */
const DISPENSABLE = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'];

function lean<Client extends DynamoDBClient | SQSClient>(client: Client): Client {
  for (const name of DISPENSABLE) client.middlewareStack.remove(name);
  return client;
}
