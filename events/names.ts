/** The name of a mesh. An account and region may hold several, each with a prefix and a stage of its own. */
export interface MeshName {
  /** What every physical name starts with, e.g. `posthorn`. */
  readonly prefix: string;
  /** The deployment, e.g. `dev`, `prod`, `pr142`. */
  readonly stage: string;
}

/** The prefix of a mesh that names none. */
export const DEFAULT_PREFIX = 'posthorn';
/** The stage of a mesh that names none. */
export const DEFAULT_STAGE = 'dev';

/** Parameter Store refuses names that begin with `aws` or `ssm`. Without hyphens, so that no name of one mesh is also one of another. Together they leave room for a bucket's name of 63 characters. */
const PREFIX_FORM = /^(?!aws|ssm)[a-z][a-z0-9]{1,13}$/;
const STAGE_FORM = /^[a-z][a-z0-9]{0,11}$/;

/**
 * Checks the parts of a mesh's name, and gives the missing ones their defaults.
 *
 * @param name `prefix`: 2 to 14 lower-case letters and digits, beginning with a letter, but not with `aws` or `ssm`; by default
 *   `posthorn`. `stage`: 1 to 12 lower-case letters and digits, beginning with a letter; by default `dev`.
 * @throws RangeError naming the part that is wrong and what it must be
 * @example
 * ```ts
 * meshName({ stage: 'prod' }); // { prefix: 'posthorn', stage: 'prod' }
 * ```
 */
export function meshName({ prefix = DEFAULT_PREFIX, stage = DEFAULT_STAGE }: Partial<MeshName> = {}): MeshName {
  if (!PREFIX_FORM.test(prefix))
    throw new RangeError(
      `prefix '${prefix}': must be 2 to 14 lower-case letters and digits, starting with a letter, and not with 'aws' or 'ssm'`,
    );
  if (!STAGE_FORM.test(stage))
    throw new RangeError(`stage '${stage}': must be 1 to 12 lower-case letters and digits, starting with a letter`);
  return { prefix, stage };
}

/** What every physical name of a mesh starts with. */
export const meshPrefix = ({ prefix, stage }: MeshName): string => `${prefix}-${stage}`;

/**
 * The queue that an agent receives its messages from. Senders know it by this rule alone: no stack refers to another agent's.
 *
 * @example
 * ```ts
 * inboxName(meshName(), 'greeting'); // 'posthorn-dev-greeting-inbox'
 * ```
 */
export const inboxName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-inbox`;

/**
 * The queue of an agent's rejected messages.
 *
 * @example
 * ```ts
 * errorQueueName(meshName(), 'greeting'); // 'posthorn-dev-greeting-errors'
 * ```
 */
export const errorQueueName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-errors`;

/**
 * The queue of an agent's messages whose attempts are used up.
 *
 * @example
 * ```ts
 * deadLetterQueueName(meshName(), 'greeting'); // 'posthorn-dev-greeting-dlq'
 * ```
 */
export const deadLetterQueueName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-${agentId}-dlq`;

/**
 * The queue of the replies to messages that name no agent to reply to.
 *
 * @example
 * ```ts
 * repliesQueueName(meshName()); // 'posthorn-dev-replies'
 * ```
 */
export const repliesQueueName = (mesh: MeshName): string => `${meshPrefix(mesh)}-replies`;

/**
 * The Lambda function of an agent or of a service of the mesh.
 *
 * @param functionId the id of the agent or of the service
 * @example
 * ```ts
 * functionName(meshName(), 'greeting'); // 'posthorn-dev-greeting'
 * ```
 */
export const functionName = (mesh: MeshName, functionId: string): string => `${meshPrefix(mesh)}-${functionId}`;

/**
 * The log group of an agent or of a service of the mesh.
 *
 * @param functionId the id of the agent or of the service
 * @example
 * ```ts
 * logGroupName(meshName(), 'greeting'); // '/aws/lambda/posthorn-dev-greeting'
 * ```
 */
export const logGroupName = (mesh: MeshName, functionId: string): string => `/aws/lambda/${functionName(mesh, functionId)}`;

/**
 * The table with a record of every message.
 *
 * @example
 * ```ts
 * ledgerTableName(meshName()); // 'posthorn-dev-ledger'
 * ```
 */
export const ledgerTableName = (mesh: MeshName): string => `${meshPrefix(mesh)}-ledger`;

/**
 * The bucket of claim-checked content. Bucket names are global: the account and the region keep two meshes apart.
 *
 * @example
 * ```ts
 * contentBucketName(meshName(), '123456789012', 'eu-west-1'); // 'posthorn-dev-content-123456789012-eu-west-1'
 * ```
 */
export const contentBucketName = (mesh: MeshName, account: string, region: string): string =>
  `${meshPrefix(mesh)}-content-${account}-${region}`;

/**
 * The topic of alarms and of unknown errors.
 *
 * @example
 * ```ts
 * alertTopicName(meshName()); // 'posthorn-dev-alerts'
 * ```
 */
export const alertTopicName = (mesh: MeshName): string => `${meshPrefix(mesh)}-alerts`;

/**
 * The stack that keeps ledger, content, replies and the alert topic.
 *
 * @example
 * ```ts
 * stateStackName(meshName()); // 'posthorn-dev-state'
 * ```
 */
export const stateStackName = (mesh: MeshName): string => `${meshPrefix(mesh)}-state`;

/**
 * The stack of an agent. `agent` in it lets an agent have any id, `state` too.
 *
 * @example
 * ```ts
 * agentStackName(meshName(), 'greeting'); // 'posthorn-dev-agent-greeting'
 * ```
 */
export const agentStackName = (mesh: MeshName, agentId: string): string => `${meshPrefix(mesh)}-agent-${agentId}`;

/** The stack of a policy: that of the app that owns the mesh, or of another app. */
export const policyStackName = (mesh: MeshName, appName?: string): string =>
  `${meshPrefix(mesh)}-policy${appName === undefined ? '' : `-${appName}`}`;

/**
 * The version of what the stacks of a mesh rely on in each other: these names, the ledger's records, the attributes of messages.
 * It rises when an agent that was deployed with the version before could no longer work beside this one.
 */
const CONTRACT_VERSION = 2;

/** An agent of this version still works in the mesh, but is not registered: agents that authenticate their senders refuse its messages. */
const PREVIOUS_CONTRACT_VERSION = 1;

/**
 * What the stack that holds a mesh's state exports, and what each stack of another app that joins the mesh imports. The version is
 * in the name, so that CloudFormation refuses to deploy an agent into a mesh of another version, or into none. The value is the ARN
 * of the alert topic's key, which no name tells.
 *
 * @see docs/adr/0014-joining-a-mesh.md
 * @example contractExportName(meshName()) // 'posthorn-dev-contract-2'
 */
export const contractExportName = (mesh: MeshName): string => `${meshPrefix(mesh)}-contract-${CONTRACT_VERSION}`;

/** What the stacks of other apps import that were deployed with the version before. */
export const previousContractExportName = (mesh: MeshName): string => `${meshPrefix(mesh)}-contract-${PREVIOUS_CONTRACT_VERSION}`;

/**
 * The mesh that an export of {@link contractExportName} belongs to, of any version of the contract; `undefined` for another export.
 *
 * @example meshOfContract('posthorn-dev-contract-2') // { prefix: 'posthorn', stage: 'dev' }
 */
export function meshOfContract(exportName: string): MeshName | undefined {
  const [, prefix, stage] = /^([a-z][a-z0-9]*)-([a-z][a-z0-9]*)-contract-\d+$/.exec(exportName) ?? [];
  return prefix === undefined || stage === undefined ? undefined : { prefix, stage };
}

/** What the ids of the mesh's own functions begin with. No agent has such an id. */
export const SERVICE_PREFIX = 'mesh-';

/** The id of the function that keeps the registry. */
export const REGISTRY_SERVICE = `${SERVICE_PREFIX}registry`;

/** The id of the function that takes snapshots of the agents. */
export const PROBE_SERVICE = `${SERVICE_PREFIX}probe`;

/**
 * The mesh's REST API where a policy, an audience or the registry names it: its roles may do actions at it as at an agent.
 *
 * @see docs/security.md
 */
export const EDGE_ID = `${SERVICE_PREFIX}edge`;

/** The id of the function that verifies the tokens of requests to the REST API. */
export const AUTHORIZER_SERVICE = `${SERVICE_PREFIX}authorizer`;

/**
 * The mesh's REST API.
 *
 * @example
 * ```ts
 * edgeName(meshName()); // 'posthorn-dev-edge'
 * ```
 */
export const edgeName = (mesh: MeshName): string => `${meshPrefix(mesh)}-edge`;

/** The log group of the requests to the mesh's REST API. @example edgeLogGroupName(meshName()) // '/aws/apigateway/posthorn-dev-edge' */
export const edgeLogGroupName = (mesh: MeshName): string => `/aws/apigateway/${edgeName(mesh)}`;

/** The audience of tokens for an agent, or for the REST API. @example audienceOf('posthorn-dev', 'greeting') // 'posthorn-dev/greeting' */
export const audienceOf = (prefix: string, targetId: string): string => `${prefix}/${targetId}`;

/**
 * The key of the IAM tag that a mesh's members have: the roles of its agents, and the roles and users of its producers. Its value is
 * prefix and stage, e.g. `posthorn-dev`. The queue policies of the inboxes deny senders without it.
 *
 * @see docs/security.md
 */
export const MEMBER_TAG = 'posthorn:mesh';

/** The tag of an inbox whose agent receives replies. Its value is the mesh's prefix. Every agent of the mesh may send where it is. */
export const REPLIES_TAG = 'posthorn:receives-replies';

/** The alarm on one measure of an agent's queues, for one severity. */
export const alarmName = (mesh: MeshName, agentId: string, measure: string, severity: string): string =>
  `${meshPrefix(mesh)}-${agentId}-${measure}-${severity}`;

/**
 * The dashboard of the mesh in CloudWatch.
 *
 * @example
 * ```ts
 * dashboardName(meshName()); // 'posthorn-dev'
 * ```
 */
export const dashboardName = (mesh: MeshName): string => meshPrefix(mesh);
