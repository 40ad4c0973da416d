import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import {
  alertTopicName,
  contentBucketName,
  deadLetterQueueName,
  errorQueueName,
  inboxName,
  ledgerTableName,
  type MeshName,
  repliesQueueName,
} from '../events/names.ts';
import type { AgentDefinition } from '../functions/runtime/agent/agent.ts';
import { awsPorts, runtimeSettings } from '../functions/runtime/aws/aws-ports.ts';
import { batchHandler } from '../functions/runtime/batch/handle-batch.ts';
import { ACCOUNT_ID, MAX_RECEIVES } from './agents-assembly.ts';
import type { LoggedLine } from './logged-line.ts';
import { recordingLogger } from './recording-logger.ts';

/** Emulators check no signature, but the SDK needs credentials to sign with. */
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** The handler of an agent that runs in this process, by the runtime and the services of an embedded cloud. */
export function agentHandler(
  agent: AgentDefinition,
  mesh: MeshName,
  { endpoint, region, logs }: { readonly endpoint: string; readonly region: string; readonly logs: LoggedLine[] },
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const queueUrl = (name: string) => `${endpoint}/${ACCOUNT_ID}/${name}`;
  const environment = {
    AWS_REGION: region,
    POSTHORN_LEDGER_TABLE: ledgerTableName(mesh),
    POSTHORN_CONTENT_BUCKET: contentBucketName(mesh, ACCOUNT_ID, region),
    POSTHORN_ALERT_TOPIC_ARN: `arn:aws:sns:${region}:${ACCOUNT_ID}:${alertTopicName(mesh)}`,
    POSTHORN_INBOX_URL: queueUrl(inboxName(mesh, agent.id)),
    POSTHORN_ERROR_QUEUE_URL: queueUrl(errorQueueName(mesh, agent.id)),
    POSTHORN_DEAD_LETTER_QUEUE_URL: queueUrl(deadLetterQueueName(mesh, agent.id)),
    POSTHORN_REPLIES_QUEUE_URL: queueUrl(repliesQueueName(mesh)),
    POSTHORN_TARGETS: { inboxUrl: queueUrl(inboxName(mesh, '{agent}')), agents: [...agent.sendsTo] },
    POSTHORN_MAX_RECEIVES: MAX_RECEIVES,
    POSTHORN_TRACE_SAMPLING: 0,
  };
  const ports = awsPorts(agent, environment, { endpoint, region, credentials: { ...CREDENTIALS } });
  const metrics = { count: () => undefined, duration: () => undefined, flush: () => undefined };
  return batchHandler(agent, { ...ports, logger: recordingLogger(logs, { agent: agent.id }), metrics }, runtimeSettings(environment));
}
