import { Stack, Tags } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IQueue, Queue, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { INBOX_RETENTION_DAYS } from '../../events/inbox-retention.ts';
import { deadLetterQueueName, errorQueueName, inboxName, MEMBER_TAG, type MeshName, meshPrefix, REPLIES_TAG } from '../../events/names.ts';
import { capabilityTag } from '../../events/offer.ts';
import type { AgentDefinition } from '../../functions/runtime/agent/agent.ts';
import { MeshQueue } from './mesh-queue.ts';

/** The backstop for messages whose process always dies before it counts an attempt. The mesh's own retries end long before. */
export const MAX_RECEIVES = 10;

/** AWS's recommendation for queues that feed functions, so that a throttled batch can be retried. */
const VISIBILITY_PER_TIMEOUT = 6;

/** The queues of an agent. */
export interface AgentQueues {
  readonly inbox: IQueue;
  readonly errorQueue: IQueue;
  readonly deadLetterQueue: IQueue;
}

export function createQueues(
  scope: Construct,
  mesh: MeshName,
  {
    id,
    capabilities,
    receivesReplies,
    timeoutSeconds,
  }: Pick<AgentDefinition, 'id' | 'capabilities' | 'receivesReplies' | 'timeoutSeconds'>,
  retainState: boolean,
): AgentQueues {
  const deadLetterQueue = new MeshQueue(scope, 'DeadLetterQueue', {
    retainState,
    queueName: deadLetterQueueName(mesh, id),
    // By name, because the inbox refers to this queue.
    redriveAllowPolicy: {
      redrivePermission: RedrivePermission.BY_QUEUE,
      sourceQueues: [Queue.fromQueueArn(scope, 'InboxByName', inboxArn(scope, mesh, id))],
    },
    noDeadLetterQueueBecause: 'It is one: messages stay until an operator has looked at them.',
  });
  const errorQueue = new MeshQueue(scope, 'ErrorQueue', {
    retainState,
    queueName: errorQueueName(mesh, id),
    noDeadLetterQueueBecause: 'It is the end for rejected messages: they stay until an operator has looked at them.',
  });
  const inbox = new MeshQueue(scope, 'Inbox', {
    retainState,
    queueName: inboxName(mesh, id),
    retentionDays: INBOX_RETENTION_DAYS,
    visibilityTimeoutSeconds: VISIBILITY_PER_TIMEOUT * timeoutSeconds,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
  });
  for (const capability of capabilities) Tags.of(inbox).add(capabilityTag(capability.id), meshPrefix(mesh));
  if (receivesReplies) Tags.of(inbox).add(REPLIES_TAG, meshPrefix(mesh));
  return { inbox, errorQueue, deadLetterQueue };
}

/** SQS itself refuses a sender that is not of the mesh; the runtime decides about the others. */
export function refuseStrangers({ inbox, deadLetterQueue }: AgentQueues, mesh: MeshName, untaggedSenders: readonly string[]): void {
  inbox.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RefuseStrangers',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: [inbox.queueArn],
      conditions: {
        StringNotEquals: { [`aws:PrincipalTag/${MEMBER_TAG}`]: meshPrefix(mesh) },
        ...(untaggedSenders.length > 0 && { ArnNotEquals: { 'aws:PrincipalArn': untaggedSenders } }),
      },
    }),
  );
  // It would put messages back as sent by the one who moved them, without saying so: docs/security.md.
  deadLetterQueue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RedriveByPosthorn',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sqs:StartMessageMoveTask'],
      resources: [deadLetterQueue.queueArn],
    }),
  );
}

export const inboxArn = (scope: Construct, mesh: MeshName, agentId: string): string =>
  Stack.of(scope).formatArn({ service: 'sqs', resource: inboxName(mesh, agentId) });
