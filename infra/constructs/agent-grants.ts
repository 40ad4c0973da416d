import { Stack, Validations } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { alertKey, conflictKey, messageKey, refusedKey, unopenedKey } from '../../events/ledger-record.ts';
import { audienceOf, contentBucketName, inboxName, type MeshName, meshPrefix } from '../../events/names.ts';
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
  const queues = [
    errorQueue.queueArn,
    deadLetterQueue.queueArn,
    mesh.replies.queueArn,
    ...sendsTo.map((target) => inboxArn(role, mesh.name, target)),
  ];
  for (const [suffix, some] of byStatement(queues)) allow(`Send${suffix}`, some, ['sqs:SendMessage']);
  if (calls.length > 0) grantCalls(role, mesh, calls);
}

/** Grants an agent to send to whoever offers a capability that it calls: no policy changes when an agent comes or goes. */
function grantCalls(role: Role, mesh: IMesh, calls: readonly string[]): void {
  const anyInbox = inboxArn(role, mesh.name, '*');
  for (const [index, capability] of calls.entries()) {
    role.addToPolicy(
      new PolicyStatement({
        sid: `Call${index === 0 ? '' : index}`,
        actions: ['sqs:SendMessage'],
        resources: [anyInbox],
        conditions: { StringEquals: { [`aws:ResourceTag/${capabilityTag(capability)}`]: meshPrefix(mesh.name) } },
      }),
    );
  }
  role.addToPolicy(
    new PolicyStatement({
      sid: 'FindAgents',
      actions: ['dynamodb:Query'],
      resources: [mesh.offers.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [...calls] } },
    }),
  );
  Validations.of(role).acknowledge({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${inboxName(mesh.name, '*')}]`,
    reason: 'The condition names the capability: only the inboxes of agents that offer it have the tag.',
  });
}

/** Grants an agent the tokens for those it sends to: of an identity provider, otherwise of AWS. */
export function grantTokens(role: Role, mesh: MeshName, { sendsTo, calls }: Sender, tokens: OidcClient | undefined): void {
  if (sendsTo.length + calls.length === 0) return;
  if (tokens !== undefined) {
    grantParameter(role, 'ReadClientSecret', tokens.secretParameter);
    return;
  }
  // Whoever offers a capability may be called: the target decides by its own policy.
  const targets = calls.length > 0 ? ['*'] : sendsTo;
  for (const [suffix, audiences] of byStatement(targets.map((target) => audienceOf(meshPrefix(mesh), target)))) {
    role.addToPolicy(
      new PolicyStatement({
        sid: `GetTokens${suffix}`,
        actions: ['sts:GetWebIdentityToken'],
        resources: ['*'],
        conditions: {
          [calls.length > 0 ? 'ForAllValues:StringLike' : 'ForAllValues:StringEquals']: { 'sts:IdentityTokenAudience': audiences },
        },
      }),
    );
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS has no resource for the action; its condition names the agents that the tokens are for.',
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
