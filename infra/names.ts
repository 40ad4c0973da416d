/** The stages that the mesh is deployed as. Each is a whole mesh of its own in the same account. */
export const STAGES = ['dev', 'prod'] as const;

export type Stage = (typeof STAGES)[number];

/** What every physical name of a stage starts with. */
export const meshPrefix = (stage: Stage): string => `posthorn-${stage}`;

/** The queue that an agent takes its messages from. Senders know it by this rule alone: no stack refers to another agent's. */
export const inboxName = (stage: Stage, agentId: string): string => `${meshPrefix(stage)}-${agentId}-inbox`;

/** The queue of an agent's rejected messages. */
export const errorQueueName = (stage: Stage, agentId: string): string => `${meshPrefix(stage)}-${agentId}-errors`;

/** The queue of an agent's messages whose attempts are used up. */
export const deadLetterQueueName = (stage: Stage, agentId: string): string => `${meshPrefix(stage)}-${agentId}-dlq`;

/** The queue of the answers to messages that name no agent to reply to. */
export const repliesQueueName = (stage: Stage): string => `${meshPrefix(stage)}-replies`;

/** @param functionId an agent's id, or that of a service of the mesh */
export const functionName = (stage: Stage, functionId: string): string => `${meshPrefix(stage)}-${functionId}`;

export const logGroupName = (stage: Stage, functionId: string): string => `/aws/lambda/${functionName(stage, functionId)}`;

export const ledgerTableName = (stage: Stage): string => `${meshPrefix(stage)}-ledger`;

/** Bucket names are global: the account and the region keep two meshes apart. */
export const contentBucketName = (stage: Stage, account: string, region: string): string =>
  `${meshPrefix(stage)}-content-${account}-${region}`;

export const alertTopicName = (stage: Stage): string => `${meshPrefix(stage)}-alerts`;

export const stateStackName = (stage: Stage): string => `${meshPrefix(stage)}-state`;

/** With `agent` in it, so that an agent may have any id, `state` too. */
export const agentStackName = (stage: Stage, agentId: string): string => `${meshPrefix(stage)}-agent-${agentId}`;

/** The alarm on one measure of an agent's queues, for one severity. */
export const alarmName = (stage: Stage, agentId: string, measure: string, severity: string): string =>
  `${meshPrefix(stage)}-${agentId}-${measure}-${severity}`;

/** The ledger's index of journeys. */
export const TRACE_INDEX_NAME = 'by-trace';
