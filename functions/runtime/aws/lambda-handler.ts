import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AgentDefinition } from '../agent/agent.ts';
import { batchHandler } from '../batch/handle-batch.ts';
import { DynamoDbLedger } from './dynamodb-ledger.ts';
import { readEnvironment } from './environment.ts';
import { EnvironmentDirectory } from './environment-directory.ts';
import { logTo } from './powertools-logger.ts';
import { metricsOf } from './powertools-metrics.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { S3ContentStore } from './s3-content-store.ts';
import { SnsAlerts } from './sns-alerts.ts';
import { SqsQueue } from './sqs-queue.ts';
import { systemClock, systemEntropy } from './system.ts';

/**
 * Makes the Lambda handler of an agent. The environment that the agent's construct sets configures it.
 *
 * @returns a handler for an SQS event source mapping with ReportBatchItemFailures; it reports failures and does not throw
 * @throws Error at start, naming each variable of the environment that is missing or wrong
 * @example
 * ```ts
 * import { lambdaHandler } from 'posthorn/lambda';
 * import agent from './agent.ts';
 *
 * export const handler = lambdaHandler(agent);
 * ```
 */
export function lambdaHandler(agent: AgentDefinition): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const environment = readEnvironment(process.env);
  const logger = logTo(new Logger({ serviceName: agent.id, persistentKeys: { agent: agent.id, version: agent.version } }));
  return batchHandler(
    agent,
    {
      clock: systemClock,
      entropy: systemEntropy,
      ledger: new DynamoDbLedger(
        withoutRequestLog(new DynamoDBClient({ requestHandler: REQUEST_LIMITS })),
        environment.POSTHORN_LEDGER_TABLE,
      ),
      // The signature covers the body's SHA-256, so that SQS refuses one that changed on the way: its MD5 in the answer adds nothing.
      queue: new SqsQueue(withoutRequestLog(new SQSClient({ requestHandler: REQUEST_LIMITS, md5: false }))),
      content: new S3ContentStore(environment.POSTHORN_CONTENT_BUCKET),
      directory: new EnvironmentDirectory(environment.POSTHORN_TARGETS, environment.POSTHORN_REPLIES_QUEUE_URL),
      alerts: new SnsAlerts(environment.POSTHORN_ALERT_TOPIC_ARN),
      metrics: metricsOf(agent.id, logger),
      logger,
    },
    {
      inboxUrl: environment.POSTHORN_INBOX_URL,
      errorQueueUrl: environment.POSTHORN_ERROR_QUEUE_URL,
      deadLetterQueueUrl: environment.POSTHORN_DEAD_LETTER_QUEUE_URL,
      maxReceives: environment.POSTHORN_MAX_RECEIVES,
      traceSampling: environment.POSTHORN_TRACE_SAMPLING,
    },
  );
}

/** The SDK copies each input and output for its logger, even for the default one that writes nothing: a fifth of all that is allocated. */
function withoutRequestLog<Client extends DynamoDBClient | SQSClient>(client: Client): Client {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
