import { Validations } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { JOURNEY_INDEX_NAME, TRACE_INDEX_NAME } from '../../events/ledger-index.ts';
import { contentBucketName, type MeshName } from '../../events/names.ts';
import { MeshService } from './mesh-service.ts';

export interface OperationsProps {
  readonly mesh: MeshName;
  readonly api: RestApi;
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly offers: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly metrics: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly ledger: Pick<ITable, 'tableArn'>;
  /** The objects in which large outboxes are. */
  readonly contentObjectsArn: string;
  readonly retainState: boolean;
}

/** The service that says how the mesh is: to Prometheus, and to operators. It may only read. */
export class Operations extends Construct {
  constructor(scope: Construct, id: string, props: OperationsProps) {
    super(scope, id);
    const { mesh, api, registry, offers, metrics, ledger, contentObjectsArn, retainState } = props;
    const { role } = new MeshService(this, 'Service', {
      mesh,
      api,
      folder: 'operations',
      description: 'Says how the mesh is: metrics for Prometheus, its agents and their cards, journeys',
      routes: ['/metrics', '/agents', '/agents/{proxy+}', '/journeys/{proxy+}'],
      environment: {
        POSTHORN_PREFIX: mesh.prefix,
        POSTHORN_STAGE: mesh.stage,
        POSTHORN_REGISTRY_TABLE: registry.tableName,
        POSTHORN_OFFERS_TABLE: offers.tableName,
        POSTHORN_METRICS_TABLE: metrics.tableName,
      },
      retainState,
    });
    const allow = (sid: string, resources: string[], actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
    allow('ReadTables', [registry.tableArn, offers.tableArn, metrics.tableArn], ['dynamodb:Query']);
    const indexes = [JOURNEY_INDEX_NAME, TRACE_INDEX_NAME].map((name) => `${ledger.tableArn}/index/${name}`);
    allow('FindJourneys', indexes, ['dynamodb:Query']);
    allow('ReadRecords', [ledger.tableArn], ['dynamodb:BatchGetItem']);
    allow('ReadOutboxes', [contentObjectsArn], ['s3:GetObject']);
    allow('FindAgents', ['*'], ['sqs:ListQueues']);
    Validations.of(role).acknowledge(
      { id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]', reason: 'IAM knows no resources for sqs:ListQueues, which finds the agents.' },
      {
        id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${contentBucketName(mesh, '<AWS::AccountId>', '<AWS::Region>')}/sha-256/*]`,
        reason: 'Content is addressed by digest, so that its keys are not known beforehand; all of it is under this one prefix.',
      },
    );
  }
}
