import { Duration, Validations } from 'aws-cdk-lib';
import { type DeadLetterQueue, Queue, QueueEncryption, type RedriveAllowPolicy, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { removalPolicyOf } from './removal-policy.ts';

interface CommonProps {
  readonly queueName: string;
  /** Keeps the queue, with what is in it, when its stack goes. */
  readonly retainState: boolean;
  /** @default 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** @default 14, the most that SQS keeps */
  readonly retentionDays?: number;
  /** The queues that it is the dead-letter queue of. @default none may be */
  readonly redriveAllowPolicy?: RedriveAllowPolicy;
}

/** A queue has somewhere for messages to go when they cannot be handled, or a reason to have none. */
export type MeshQueueProps = CommonProps & ({ readonly deadLetterQueue: DeadLetterQueue } | { readonly noDeadLetterQueueBecause: string });

/** A queue as every queue of the mesh is: encrypted, TLS only, messages of up to 1 MiB, kept where the stage keeps its state. */
export class MeshQueue extends Queue {
  constructor(scope: Construct, id: string, props: MeshQueueProps) {
    super(scope, id, {
      queueName: props.queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      maxMessageSizeBytes: MAX_MESSAGE_BYTES,
      retentionPeriod: Duration.days(props.retentionDays ?? 14),
      visibilityTimeout: Duration.seconds(props.visibilityTimeoutSeconds ?? 30),
      redriveAllowPolicy: props.redriveAllowPolicy ?? { redrivePermission: RedrivePermission.DENY_ALL },
      removalPolicy: removalPolicyOf(props.retainState),
      ...('deadLetterQueue' in props ? { deadLetterQueue: props.deadLetterQueue } : {}),
    });
    if ('noDeadLetterQueueBecause' in props) {
      const reason = props.noDeadLetterQueueBecause;
      Validations.of(this).acknowledge(
        { id: 'AwsSolutions::AwsSolutions-SQS3', reason },
        { id: 'Serverless::Serverless-SQSRedrivePolicy', reason },
      );
    }
  }
}
