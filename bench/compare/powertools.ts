import { SQSClient } from '@aws-sdk/client-sqs';
import { powertoolsRelay } from './powertools-relay.ts';

export const handler = powertoolsRelay({ sqs: new SQSClient() });
