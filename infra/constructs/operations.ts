import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { MeshName } from '../../events/names.ts';
import { MeshService } from './mesh-service.ts';

export interface OperationsProps {
  readonly mesh: MeshName;
  readonly api: RestApi;
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly metrics: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly retainState: boolean;
}

/** The service that says how the mesh is: to Prometheus, and to operators. It may only read. */
export class Operations extends Construct {
  constructor(scope: Construct, id: string, { mesh, api, registry, metrics, retainState }: OperationsProps) {
    super(scope, id);
    const { role } = new MeshService(this, 'Service', {
      mesh,
      api,
      folder: 'operations',
      description: 'Says how the mesh is: metrics for Prometheus, and the load of each agent',
      routes: ['/metrics', '/agents', '/agents/{proxy+}'],
      environment: { POSTHORN_REGISTRY_TABLE: registry.tableName, POSTHORN_METRICS_TABLE: metrics.tableName },
      retainState,
    });
    role.addToPolicy(
      new PolicyStatement({ sid: 'ReadTables', actions: ['dynamodb:Query'], resources: [registry.tableArn, metrics.tableArn] }),
    );
  }
}
