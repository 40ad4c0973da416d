import { Duration, Validations } from 'aws-cdk-lib';
import { type DeadLetterQueue, Queue, QueueEncryption, type RedriveAllowPolicy, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { removalPolicyOf } from './removal-policy.ts';

interface CommonProps {
  readonly queueName: string;
  /** Keeps the queue and its messages when its stack is deleted. */
  readonly retainState: boolean;
  /** @default 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** @default 14, SQS's maximum */
  readonly retentionDays?: number;
  /** The queues whose dead-letter queue it may be. @default none */
  readonly redriveAllowPolicy?: RedriveAllowPolicy;
}

/** A queue has a dead-letter queue, or a reason to have none. */
export type MeshQueueProps = CommonProps & ({ readonly deadLetterQueue: DeadLetterQueue } | { readonly noDeadLetterQueueBecause: string });

/** A queue of the mesh: encrypted, TLS only, with messages of up to 1 MiB. */
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
