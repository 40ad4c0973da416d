import { Stack, Validations } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { alertKey, conflictKey, messageKey, refusedKey, unopenedKey } from '../../events/ledger-record.ts';
import { audienceOf, contentBucketName, inboxName, type MeshName, meshPrefix, REPLIES_TAG } from '../../events/names.ts';
import { capabilityTag } from '../../events/offer.ts';
import { cloudWatchRegion } from '../../events/otlp-endpoint.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import type { OidcClient } from '../../functions/runtime/aws/oidc-client.ts';
import { type AgentQueues, inboxArn } from './agent-queues.ts';
import type { IMesh } from './i-mesh.ts';

/** The CDK moves whole statements of a large role policy into managed policies, which hold 6,144 characters each. */
const TARGETS_PER_STATEMENT = 40;

type Sender = Pick<AgentDefinition, 'id' | 'sendsTo' | 'calls'>;

/** Grants an agent what it takes to deliver its messages, and no more. */
export function grantDelivery(
  role: Role,
  mesh: IMesh,
  { id, sendsTo, calls }: Sender,
  { inbox, errorQueue, deadLetterQueue }: AgentQueues,
): void {
  const allow = (sid: string, resources: string[], actions: string[], conditions: Conditions = {}) =>
    role.addToPolicy(new PolicyStatement({ sid, actions, resources, conditions }));
  allow(
    'ConsumeInbox',
    [inbox.queueArn],
    ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  );
  allow('RecordOutcomes', [mesh.ledger.tableArn], ['dynamodb:BatchGetItem', 'dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate'], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ledgerKeysOf(id) },
  });
  allow('ReadAccess', [mesh.registry.tableArn], ['dynamodb:GetItem'], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['access'] },
  });
  allow('AddMetrics', [mesh.metrics.tableArn], ['dynamodb:UpdateItem'], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${id}#*`] },
  });
  allow('KeepContent', [mesh.contentObjectsArn], ['s3:GetObject', 's3:PutObject']);
  // Without it S3 answers 403 both for missing content and for a missing permission.
  allow('MissContent', [mesh.content.bucketArn], ['s3:ListBucket']);
  Validations.of(role).acknowledge({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${contentBucketName(mesh.name, '<AWS::AccountId>', '<AWS::Region>')}/sha-256/*]`,
    reason: 'Content is addressed by digest, so that its keys are not known beforehand; all of it is under this one prefix.',
  });
  allow('Alert', [mesh.alerts.topicArn], ['sns:Publish']);
  allow('EncryptAlerts', [mesh.alertKey.keyArn], ['kms:Decrypt', 'kms:GenerateDataKey']);
  const anyInbox = inboxArn(role, mesh.name, '*');
  const queues = [
    errorQueue.queueArn,
    deadLetterQueue.queueArn,
    mesh.replies.queueArn,
    ...sendsTo.map((target) => inboxArn(role, mesh.name, target)),
  ];
  for (const [suffix, some] of byStatement(queues)) allow(`Send${suffix}`, some, ['sqs:SendMessage']);
  for (const [index, capability] of calls.entries()) {
    allow(`Call${index === 0 ? '' : index}`, [anyInbox], ['sqs:SendMessage'], taggedBy(capabilityTag(capability), mesh));
  }
  allow('Reply', [anyInbox], ['sqs:SendMessage'], taggedBy(REPLIES_TAG, mesh));
  Validations.of(role).acknowledge({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${inboxName(mesh.name, '*')}]`,
    reason: 'The condition names a tag: only the inboxes of agents that receive replies, or offer a capability that it calls, have it.',
  });
  if (calls.length === 0) return;
  allow('FindAgents', [mesh.offers.tableArn], ['dynamodb:Query'], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...calls] },
  });
}

/** Of inboxes with a tag: no policy changes when an agent comes or goes. */
const taggedBy = (tag: string, mesh: IMesh): Conditions => ({ StringEquals: { [`aws:ResourceTag/${tag}`]: meshPrefix(mesh.name) } });

/** Grants an agent the tokens for what it sends: of an identity provider, otherwise of AWS. */
export function grantTokens(role: Role, mesh: MeshName, tokens: OidcClient | undefined): void {
  if (tokens !== undefined) {
    grantParameter(role, 'ReadClientSecret', tokens.secretParameter);
    return;
  }
  role.addToPolicy(
    new PolicyStatement({
      sid: 'GetTokens',
      actions: ['sts:GetWebIdentityToken'],
      resources: ['*'],
      // Any agent may receive replies: the target decides by its own policy.
      conditions: { 'ForAllValues:StringLike': { 'sts:IdentityTokenAudience': [audienceOf(meshPrefix(mesh), '*')] } },
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS has no resource for the action; its condition names the mesh whose agents the tokens are for.',
  });
}

function grantParameter(role: Role, sid: string, name: string): void {
  const arn = Stack.of(role).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });
  role.addToPolicy(new PolicyStatement({ sid, actions: ['ssm:GetParameter'], resources: [arn] }));
}

interface SpanDestination {
  readonly otlpEndpoint?: string | undefined;
  readonly otlpHeadersParameter?: string | undefined;
}

/** Grants an agent the export of its spans: the parameter of its headers, or CloudWatch's endpoint. Others need no permission of AWS. */
export function grantSpans(role: Role, { otlpEndpoint, otlpHeadersParameter }: SpanDestination): void {
  if (otlpEndpoint === undefined) return;
  if (otlpHeadersParameter !== undefined) {
    grantParameter(role, 'ReadOtlpHeaders', otlpHeadersParameter);
    return;
  }
  if (cloudWatchRegion(otlpEndpoint) === undefined) return;
  role.addToPolicy(new PolicyStatement({ sid: 'ExportSpans', actions: ['xray:PutSpans', 'xray:PutTraceSegments'], resources: ['*'] }));
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS has no resource for these two actions, which can only add spans.',
  });
}

/** The targets of each statement, with what its id ends with. */
const byStatement = (targets: readonly string[]): readonly (readonly [suffix: string, targets: string[]])[] =>
  Array.from({ length: Math.ceil(targets.length / TARGETS_PER_STATEMENT) }, (_, index) => {
    const first = index * TARGETS_PER_STATEMENT;
    return [first === 0 ? '' : String(first), targets.slice(first, first + TARGETS_PER_STATEMENT)];
  });

/**
 * Patterns of the keys that an agent's runtime reads and writes: its messages, their conflicts, its alerts, and invalid envelopes.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
const ledgerKeysOf = (agentId: string): readonly string[] => [
  messageKey(agentId, '*', '*'),
  unopenedKey(agentId, '*'),
  refusedKey(agentId, '*'),
  conflictKey('*', messageKey(agentId, '*', '*')),
  alertKey('*', agentId, '*'),
];
