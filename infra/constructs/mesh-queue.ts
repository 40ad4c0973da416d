import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { type DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';

interface CommonProps {
  readonly queueName: string;
  /** @default 30 */
  readonly visibilityTimeoutSeconds?: number;
}

/** A queue has somewhere for messages to go when they cannot be handled, or a reason to have none. */
export type MeshQueueProps = CommonProps & ({ readonly deadLetterQueue: DeadLetterQueue } | { readonly noDeadLetterQueueBecause: string });

/** A queue as every queue of the mesh is: encrypted, TLS only, 14 days, messages of up to 1 MiB. */
export class MeshQueue extends Queue {
  constructor(scope: Construct, id: string, { queueName, visibilityTimeoutSeconds = 30, ...backstop }: MeshQueueProps) {
    super(scope, id, {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      maxMessageSizeBytes: MAX_MESSAGE_BYTES,
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
      removalPolicy: RemovalPolicy.DESTROY,
      ...('deadLetterQueue' in backstop ? backstop : {}),
    });
    if ('noDeadLetterQueueBecause' in backstop) {
      const reason = backstop.noDeadLetterQueueBecause;
      Validations.of(this).acknowledge(
        { id: 'AwsSolutions::AwsSolutions-SQS3', reason },
        { id: 'Serverless::Serverless-SQSRedrivePolicy', reason },
      );
    }
  }
}
