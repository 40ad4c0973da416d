import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { MeshName } from '../../events/names.ts';

/**
 * The shared resources that an agent uses, in the agent's own account and region. A `Mesh` of this app has them, and so has one that
 * another app owns (`Mesh.join`); resources of any other origin do too.
 */
export interface IMesh {
  /** Agents find each other's queues by it. */
  readonly name: MeshName;
  /** One record a message, with the partition key `messageKey`. */
  readonly ledger: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly content: Pick<IBucket, 'bucketArn' | 'bucketName'>;
  /** The objects of `content` that agents read and write: those under `sha-256/`. */
  readonly contentObjectsArn: string;
  /** Gets the answers to messages that name no agent to reply to. */
  readonly replies: IQueue;
  /** Gets alarms, and errors that no agent's `classify` knows. */
  readonly alerts: ITopic;
  /** Encrypts what is published to `alerts`. */
  readonly alertKey: IKey;
}
