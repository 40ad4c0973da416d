import { deadLetterQueueName, errorQueueName, functionName, inboxName, type MeshName } from '../../../events/names.ts';
import type { AgentDefinition } from '../agent/agent.ts';

/** As the `Agent` construct sets them. */
export const INLINE_MAX_RECEIVES = 10;
const BATCH_SIZE = 10;
const VISIBILITY_PER_TIMEOUT = 6;

/** A resource of a CloudFormation template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** A queue as the mesh's stacks make them, as far as an emulator needs it. */
export const inlineQueue = (QueueName: string, properties: TemplateResource['Properties'] = {}): TemplateResource => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, MaximumMessageSize: 1_048_576, ...properties },
});

/** The resources of an agent that runs in this process, by logical id: its queues, and a function without code that its inbox feeds. */
export function inlineResources(
  { id, timeoutSeconds, memoryMb, concurrency }: Pick<AgentDefinition, 'id' | 'timeoutSeconds' | 'memoryMb' | 'concurrency'>,
  mesh: MeshName,
): Readonly<Record<string, TemplateResource>> {
  // Logical ids have no hyphens; in hexadecimal, two ids are never the same without theirs.
  const own = Buffer.from(id).toString('hex');
  const logicalId = (kind: string) => `Agent${own}${kind}`;
  const arnOf = (kind: string) => ({ 'Fn::GetAtt': [logicalId(kind), 'Arn'] });
  return {
    [logicalId('Errors')]: inlineQueue(errorQueueName(mesh, id)),
    [logicalId('DeadLetters')]: inlineQueue(deadLetterQueueName(mesh, id)),
    [logicalId('Inbox')]: inlineQueue(inboxName(mesh, id), {
      VisibilityTimeout: VISIBILITY_PER_TIMEOUT * timeoutSeconds,
      RedrivePolicy: { deadLetterTargetArn: arnOf('DeadLetters'), maxReceiveCount: INLINE_MAX_RECEIVES },
    }),
    [logicalId('Function')]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: functionName(mesh, id),
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Timeout: timeoutSeconds,
        MemorySize: memoryMb,
      },
    },
    [logicalId('Mapping')]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { Ref: logicalId('Function') },
        EventSourceArn: arnOf('Inbox'),
        BatchSize: BATCH_SIZE,
        ScalingConfig: { MaximumConcurrency: concurrency },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  };
}
