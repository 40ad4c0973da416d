import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { MeshName } from '../../events/names.ts';

/**
 * The shared resources that an agent uses, in the agent's account and region. They come from a `Mesh` of this app, from a mesh that
 * another app owns (`Mesh.join`), or from your own resources.
 */
export interface IMesh {
  /** The mesh's name, by which agents find each other's queues. */
  readonly name: MeshName;
  /** One record for each message, with the partition key `messageKey`. */
  readonly ledger: Pick<ITable, 'tableArn' | 'tableName'>;
  /** Who may send to whom; keyed by `kind` and `id`. */
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  /** Which agents offer a capability; keyed by `capability` and `agent`. */
  readonly offers: Pick<ITable, 'tableArn' | 'tableName'>;
  /** The metrics record of each agent; keyed by `series` and `entry`. */
  readonly metrics: Pick<ITable, 'tableArn' | 'tableName'>;
  /** The app of the agents in this mesh, under whose name they register. @default an agent is an app of its own */
  readonly appName?: string | undefined;
  readonly content: Pick<IBucket, 'bucketArn' | 'bucketName'>;
  /** The objects of `content` that agents read and write: those under `sha-256/`. */
  readonly contentObjectsArn: string;
  /** The queue of replies to messages without `replyto`. */
  readonly replies: IQueue;
  /** The topic of alarms and of errors that `classify` does not know. */
  readonly alerts: ITopic;
  /** The key that encrypts messages to `alerts`. */
  readonly alertKey: IKey;
}
