import { randomUUID } from 'node:crypto';
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';

/** What differs with Tracer. */
export interface RelayParts {
  readonly sqs: SQSClient;
  /** @default one that the persistence layer creates */
  readonly dynamodb?: DynamoDBClient;
  /** Before all others. @default none */
  readonly first?: readonly MiddlewareObj[];
}

const orderEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  time: z.iso.datetime({ offset: true }),
  data: z.object({ orderId: z.string(), quantity: z.int(), note: z.string() }),
});

/**
 * The same work as relay-agent.ts, with the utilities combined as in the Powertools documentation for an SQS batch.
 *
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#batch-integration
 */
export function powertoolsRelay({ sqs, dynamodb, first = [] }: RelayParts) {
  const logger = new Logger({ serviceName: 'relay' });
  const metrics = new Metrics({ namespace: 'Bench', serviceName: 'relay' });
  const processor = new BatchProcessor(EventType.SQS);
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: process.env.IDEMPOTENCY_TABLE ?? 'idempotency',
    ...(dynamodb && { awsSdkV3Client: dynamodb }),
  });
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'messageId' });

  const processIdempotently = makeIdempotent(
    async (record: SQSRecord): Promise<void> => {
      const event = orderEvent.parse(JSON.parse(record.body));
      metrics.addMetric('relayed', MetricUnit.Count, 1);
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: process.env.SINK_URL,
          MessageBody: JSON.stringify({
            specversion: '1.0',
            id: randomUUID(),
            source: '/agents/relay',
            type: 'relay.sent',
            time: new Date().toISOString(),
            data: event.data,
          }),
        }),
      );
      logger.info('message', { messageId: event.id, source: event.source, type: event.type, outcome: 'processed' });
    },
    { persistenceStore, config },
  );

  return middy<SQSEvent, SQSBatchResponse>()
    .use([...first])
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
      config.registerLambdaContext(context);
      return processPartialResponse(event, processIdempotently, processor, { context });
    });
}
