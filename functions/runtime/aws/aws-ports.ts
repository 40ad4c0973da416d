import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AgentDefinition } from '../agent/agent.ts';
import type { Fetch, Ports } from '../ports.ts';
import type { RuntimeSettings } from '../runtime.ts';
import { verifySignature } from '../trust/verify-signature.ts';
import { CachedTokens } from './cached-tokens.ts';
import type { ClientOptions } from './client-options.ts';
import { DynamoDbLedger } from './dynamodb-ledger.ts';
import { DynamoDbRegistry } from './dynamodb-registry.ts';
import type { Environment } from './environment.ts';
import { EnvironmentDirectory } from './environment-directory.ts';
import { LineFormatter } from './log-formatter.ts';
import { oidcTokens } from './oidc-tokens.ts';
import { logTo } from './powertools-logger.ts';
import { metricsOf } from './powertools-metrics.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { S3ContentStore } from './s3-content-store.ts';
import { SnsAlerts } from './sns-alerts.ts';
import { SqsQueue } from './sqs-queue.ts';
import { stsTokens } from './sts-tokens.ts';
import { systemClock, systemEntropy } from './system.ts';
import { tracingOf } from './tracing-of.ts';

/** The ports of an agent on AWS. @param client where AWS is. @default what the AWS SDK finds in the process's environment */
export function awsPorts(agent: Pick<AgentDefinition, 'id' | 'version'>, environment: Environment, client: ClientOptions = {}): Ports {
  const persistentKeys = { agent: agent.id, version: agent.version };
  const logger = logTo(new Logger({ serviceName: agent.id, persistentKeys, logFormatter: new LineFormatter() }));
  const dynamodb = withoutRequestLog(new DynamoDBClient({ ...client, requestHandler: REQUEST_LIMITS, cacheMiddleware: true }));
  return {
    clock: systemClock,
    entropy: systemEntropy,
    ledger: new DynamoDbLedger(dynamodb, environment.POSTHORN_LEDGER_TABLE),
    tokens: new CachedTokens(issuerOf(environment, client), systemClock),
    fetch: systemFetch,
    verifySignature,
    registry: new DynamoDbRegistry(dynamodb, environment.POSTHORN_REGISTRY_TABLE),
    // The signature covers the body's SHA-256, so that SQS refuses one that changed on the way: its MD5 in the answer adds nothing.
    queue: new SqsQueue(withoutRequestLog(new SQSClient({ ...client, requestHandler: REQUEST_LIMITS, md5: false, cacheMiddleware: true }))),
    content: new S3ContentStore(environment.POSTHORN_CONTENT_BUCKET, client),
    directory: new EnvironmentDirectory(environment.POSTHORN_TARGETS, environment.POSTHORN_REPLIES_QUEUE_URL),
    alerts: new SnsAlerts(environment.POSTHORN_ALERT_TOPIC_ARN, client),
    metrics: metricsOf(agent.id, logger),
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
  traceSampling: environment.POSTHORN_TRACE_SAMPLING,
  authentication: environment.POSTHORN_AUTHENTICATION,
  meshPrefix: meshPrefixOf(environment.POSTHORN_INBOX_URL, id),
});

const systemFetch: Fetch = (url, init) => fetch(url, init);

const issuerOf = ({ POSTHORN_TOKENS }: Environment, client: ClientOptions) =>
  POSTHORN_TOKENS === undefined
    ? stsTokens(client, systemClock)
    : oidcTokens(POSTHORN_TOKENS, { client, clock: systemClock, fetch: systemFetch });

/** An inbox's name is `<prefix>-<stage>-<agent>-inbox`. */
function meshPrefixOf(inboxUrl: string, agentId: string): string {
  const name = inboxUrl.slice(inboxUrl.lastIndexOf('/') + 1);
  const suffix = `-${agentId}-inbox`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** The SDK copies each input and output for its logger, even for the default one that writes nothing: a fifth of all that is allocated. */
function withoutRequestLog<Client extends DynamoDBClient | SQSClient>(client: Client): Client {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
