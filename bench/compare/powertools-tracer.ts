import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { powertoolsRelay } from './powertools-relay.ts';

// With Tracer as in its documentation: the handler and the AWS clients are captured.
// https://docs.aws.amazon.com/powertools/typescript/latest/features/tracer/

const tracer = new Tracer({ serviceName: 'relay' });

export const handler = powertoolsRelay({
  sqs: tracer.captureAWSv3Client(new SQSClient()),
  dynamodb: tracer.captureAWSv3Client(new DynamoDBClient()),
  first: [captureLambdaHandler(tracer)],
});
