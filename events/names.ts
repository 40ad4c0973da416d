/** Which mesh: several may be in one account and region, each with a prefix and a stage of its own. */
export interface MeshName {
  /** What every physical name starts with, e.g. `posthorn`. */
  readonly prefix: string;
  /** The deployment, e.g. `dev`, `prod`, `pr142`. */
  readonly stage: string;
}

export const DEFAULT_PREFIX = 'posthorn';
export const DEFAULT_STAGE = 'dev';

/** Without hyphens, so that no name of one mesh is also one of another. Together they leave room for a bucket's name of 63 characters. */
const PREFIX_FORM = /^[a-z][a-z0-9]{1,13}$/;
const STAGE_FORM = /^[a-z][a-z0-9]{0,11}$/;

/**
 * The name of a mesh.
 *
 * @param name.prefix 2 to 14 lower-case letters and digits. @default 'posthorn'
 * @param name.stage 1 to 12 lower-case letters and digits. @default 'dev'
 * @throws RangeError that says which part is wrong and what it must be
 * @example meshName({ stage: 'prod' })
 */
export function meshName({ prefix = DEFAULT_PREFIX, stage = DEFAULT_STAGE }: Partial<MeshName> = {}): MeshName {
  if (!PREFIX_FORM.test(prefix))
    throw new RangeError(`prefix '${prefix}': must be 2 to 14 lower-case letters and digits, starting with a letter`);
  if (!STAGE_FORM.test(stage))
    throw new RangeError(`stage '${stage}': must be 1 to 12 lower-case letters and digits, starting with a letter`);
  return { prefix, stage };
}

/** What every physical name of a mesh starts with. */
export const meshPrefix = ({ prefix, stage }: MeshName): string => `${prefix}-${stage}`;

/** The queue that an agent takes its messages from. Senders know it by this rule alone: no stack refers to another agent's. */
export const inboxName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-inbox`;

/** The queue of an agent's rejected messages. */
export const errorQueueName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-errors`;

/** The queue of an agent's messages whose attempts are used up. */
export const deadLetterQueueName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-dlq`;

/** The queue of the answers to messages that name no agent to reply to. */
export const repliesQueueName = (mesh: MeshName): string => `${meshPrefix(mesh)}-replies`;

/** @param functionId an agent's id, or that of a service of the mesh */
export const functionName = (mesh: MeshName, functionId: string): string => `${meshPrefix(mesh)}-${functionId}`;

export const logGroupName = (mesh: MeshName, functionId: string): string => `/aws/lambda/${functionName(mesh, functionId)}`;

export const ledgerTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-ledger`;

/** Bucket names are global: the account and the region keep two meshes apart. */
export const contentBucketName = (mesh: MeshName, account: string, region: string): string =>
  `${meshPrefix(mesh)}-content-${account}-${region}`;

export const alertTopicName = (mesh: MeshName): string => `${meshPrefix(mesh)}-alerts`;

export const stateStackName = (mesh: MeshName): string => `${meshPrefix(mesh)}-state`;

/** With `agent` in it, so that an agent may have any id, `state` too. */
export const agentStackName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-agent-${agentId}`;

/**
 * The version of what the stacks of a mesh rely on in each other: these names, the ledger's records, the attributes of messages.
 * It rises when an agent that was deployed with the version before could no longer work beside this one.
 */
const CONTRACT_VERSION = 1;

/**
 * What the stack that holds a mesh's state exports, and what each stack of another app that joins the mesh imports. The version is
 * in the name, so that CloudFormation refuses to deploy an agent into a mesh of another version, or into none. The value is the ARN
 * of the alert topic's key, which no name tells.
 *
 * @see docs/adr/0014-joining-a-mesh.md
 * @example contractExportName(meshName()) // 'posthorn-dev-contract-1'
 */
export const contractExportName = (mesh: MeshName): string => `${meshPrefix(mesh)}-contract-${CONTRACT_VERSION}`;

/** The alarm on one measure of an agent's queues, for one severity. */
export const alarmName = (mesh: MeshName, agentId: string, measure: string, severity: string): string =>
  `${meshPrefix(mesh)}-${agentId}-${measure}-${severity}`;

/** The ledger's index of journeys. */
export const TRACE_INDEX_NAME = 'by-trace';
