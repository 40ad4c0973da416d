import { Aws, Fn, Stack } from 'aws-cdk-lib';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metricsTableName } from '../../events/metrics-record.ts';
import {
  alertTopicName,
  contentBucketName,
  contractExportName,
  ledgerTableName,
  type MeshName,
  repliesQueueName,
} from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { registryTableName } from '../../events/registry.ts';
import { contentObjectsArn } from './content-objects-arn.ts';
import type { IMesh } from './i-mesh.ts';

/** A mesh that another app owns. It imports the resources by name, and the key by the export that also carries the mesh's version. */
export class JoinedMesh extends Construct implements IMesh {
  readonly name: MeshName;
  readonly ledger: ITable;
  readonly registry: ITable;
  readonly offers: ITable;
  readonly metrics: ITable;
  readonly appName: string | undefined;
  readonly content: IBucket;
  readonly contentObjectsArn: string;
  readonly replies: IQueue;
  readonly alerts: ITopic;
  readonly alertKey: IKey;

  constructor(scope: Construct, id: string, name: MeshName, appName: string | undefined) {
    super(scope, id);
    const stack = Stack.of(this);
    this.name = name;
    this.ledger = Table.fromTableName(this, 'Ledger', ledgerTableName(name));
    this.registry = Table.fromTableName(this, 'Registry', registryTableName(name));
    this.offers = Table.fromTableName(this, 'Offers', offersTableName(name));
    this.metrics = Table.fromTableName(this, 'Metrics', metricsTableName(name));
    this.appName = appName;
    this.content = Bucket.fromBucketName(this, 'Content', contentBucketName(name, Aws.ACCOUNT_ID, Aws.REGION));
    this.contentObjectsArn = contentObjectsArn(stack, name);
    this.replies = Queue.fromQueueArn(this, 'Replies', stack.formatArn({ service: 'sqs', resource: repliesQueueName(name) }));
    this.alerts = Topic.fromTopicArn(this, 'Alerts', stack.formatArn({ service: 'sns', resource: alertTopicName(name) }));
    this.alertKey = Key.fromKeyArn(this, 'AlertKey', Fn.importValue(contractExportName(name)));
  }
}
