import { metricsTableName } from '../../../events/metrics-record.ts';
import {
  alertTopicName,
  contentBucketName,
  deadLetterQueueName,
  errorQueueName,
  inboxName,
  ledgerTableName,
  type MeshName,
  repliesQueueName,
} from '../../../events/names.ts';
import { registryTableName } from '../../../events/registry.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import type { Logger, Ports } from '../ports.ts';
import type { RuntimeSettings } from '../runtime.ts';
import { awsPorts, runtimeSettings } from './aws-ports.ts';
import { INLINE_MAX_RECEIVES } from './inline-resources.ts';

/** Where an agent runs that is in this process: on the services of an emulator, whose queue URLs are `endpoint/account/name`. */
export interface InlinePlace {
  readonly mesh: MeshName;
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly logger: Logger;
  /** The share of journeys that their index holds, 0 to 1. */
  readonly journeySampling: number;
}

/** The runtime of an agent that runs in this process and not as a function of its own: ports to an emulator's services. Metrics go nowhere. */
export function inlineRuntime(
  agent: Pick<AgentDefinition, 'id' | 'version' | 'sendsTo' | 'concurrency'>,
  { mesh, endpoint, region, accountId, logger, journeySampling }: InlinePlace,
): { readonly ports: Ports; readonly settings: RuntimeSettings } {
  const queueUrl = (name: string) => `${endpoint}/${accountId}/${name}`;
  const environment = {
    AWS_REGION: region,
    POSTHORN_LEDGER_TABLE: ledgerTableName(mesh),
    POSTHORN_CONTENT_BUCKET: contentBucketName(mesh, accountId, region),
    POSTHORN_ALERT_TOPIC_ARN: `arn:aws:sns:${region}:${accountId}:${alertTopicName(mesh)}`,
    POSTHORN_INBOX_URL: queueUrl(inboxName(mesh, agent.id)),
    POSTHORN_ERROR_QUEUE_URL: queueUrl(errorQueueName(mesh, agent.id)),
    POSTHORN_DEAD_LETTER_QUEUE_URL: queueUrl(deadLetterQueueName(mesh, agent.id)),
    POSTHORN_REPLIES_QUEUE_URL: queueUrl(repliesQueueName(mesh)),
    POSTHORN_TARGETS: { inboxUrl: queueUrl(inboxName(mesh, '{agent}')), agents: [...agent.sendsTo] },
    POSTHORN_MAX_RECEIVES: INLINE_MAX_RECEIVES,
    POSTHORN_REGISTRY_TABLE: registryTableName(mesh),
    POSTHORN_METRICS_TABLE: metricsTableName(mesh),
    // Every client of an emulator has the same credentials.
    POSTHORN_AUTHENTICATION: 'none' as const,
    POSTHORN_JOURNEY_SAMPLING: journeySampling,
  };
  // Emulators check no signature, but the SDK insists on having something to sign with.
  const client = { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  return {
    ports: { ...awsPorts(agent, environment, client), logger, metrics: { add: async () => [] } },
    settings: runtimeSettings(agent, environment),
  };
}
