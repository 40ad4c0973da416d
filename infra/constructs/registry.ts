import { extname, join } from 'node:path';
import { Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type MeshName, meshPrefix, REGISTRY_SERVICE } from '../../events/names.ts';
import { offersTableName } from '../../events/offer.ts';
import { IGNORED_MESSAGE, registrationPath } from '../../events/registration.ts';
import { registryTableName } from '../../events/registry.ts';
import { logLines } from './log-lines.ts';
import { MeshFunction } from './mesh-function.ts';
import { ServiceAlarm } from './service-alarm.ts';

/** The entry of the service's function. */
const ENTRY = join(import.meta.dirname, `../../functions/services/registry/handler${extname(import.meta.filename)}`);

/** For a change whose event was lost: EventBridge delivers at least once, after up to a day. */
const BACKSTOP_MINUTES = 5;

/** The service runs once in each, at least: what is still wrong then keeps its alarm, even if a run is late. */
const ALARM_PERIODS = 3;

export interface RegistryProps {
  readonly mesh: MeshName;
  /** With them it has the metric filter that one of them needs. */
  readonly hasAlarms: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly retainState: boolean;
}

/**
 * The registry of a mesh: who is in it, who may send to whom, and who offers what. The stacks declare it in SSM parameters; a service
 * brings two tables in line with them at each change. `table` holds nothing that the parameters do not. `offers` also holds what the probe
 * and operators write: how each agent does, and its weight.
 */
export class Registry extends Construct {
  readonly table: Table;
  readonly offers: Table;

  constructor(scope: Construct, id: string, { mesh, hasAlarms, removalPolicy, retainState }: RegistryProps) {
    super(scope, id);
    this.table = keyedTable(this, 'Table', { tableName: registryTableName(mesh), keys: ['kind', 'id'], removalPolicy });
    this.offers = keyedTable(this, 'Offers', { tableName: offersTableName(mesh), keys: ['capability', 'agent'], removalPolicy });
    const { lambda, role } = new MeshFunction(this, 'Service', {
      mesh,
      functionId: REGISTRY_SERVICE,
      description: 'Brings the registry in line with the parameters of the mesh',
      entry: ENTRY,
      timeoutSeconds: 60,
      memoryMb: 256,
      retainState,
      environment: {
        POSTHORN_PREFIX: mesh.prefix,
        POSTHORN_STAGE: mesh.stage,
        POSTHORN_REGISTRY_TABLE: this.table.tableName,
        POSTHORN_OFFERS_TABLE: this.offers.tableName,
      },
    });
    const allow = (sid: string, resources: string[], actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
    const path = registrationPath(mesh);
    allow('ReadRegistrations', [parameters(this, path), parameters(this, `${path}*`)], ['ssm:GetParametersByPath']);
    allow('KeepRegistry', [this.table.tableArn], ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Scan']);
    allow('KeepOffers', [this.offers.tableArn], ['dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem']);
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter${path}*]`,
      reason: 'The parameters of a mesh are those under its path: which there are is what the service finds out.',
    });
    const targets = [new LambdaFunction(lambda, { maxEventAge: Duration.hours(1), retryAttempts: 2 })];
    const changed = new Rule(this, 'Changed', {
      description: `Posthorn (${mesh.stage}): a registration has changed`,
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: { name: [{ prefix: path }] },
      },
      targets,
    });
    const backstop = new Rule(this, 'Backstop', {
      description: `Posthorn (${mesh.stage}): the registry's backstop`,
      schedule: Schedule.rate(Duration.minutes(BACKSTOP_MINUTES)),
      targets,
    });
    for (const rule of [changed, backstop]) {
      Validations.of(rule).acknowledge({
        id: 'Serverless::Serverless-EventBusDLQ',
        reason:
          'An event reports only that a parameter has changed. A run reads everything, and the schedule is the backstop of lost events.',
      });
    }
    if (!hasAlarms) return;
    this.#alarms(mesh, lambda.metricErrors({ period: Duration.minutes(BACKSTOP_MINUTES), statistic: 'Sum' }), lambda.logGroup);
  }

  /** A failed run, or a registration that is ignored: then a change of who may send has not reached everyone. */
  #alarms(mesh: MeshName, errors: IMetric, logGroup: ILogGroup): void {
    const ignored = logLines(this, 'Ignored', {
      logGroup,
      message: IGNORED_MESSAGE,
      metricName: `${meshPrefix(mesh)}-ignored-registrations`,
      period: Duration.minutes(BACKSTOP_MINUTES),
    });
    const add = (measure: string, severity: string, metric: IMetric, problem: string) =>
      new ServiceAlarm(this, `${measure}-${severity}`, {
        mesh,
        service: REGISTRY_SERVICE,
        measure,
        severity,
        problem,
        metric,
        threshold: 0,
        evaluationPeriods: ALARM_PERIODS,
        datapointsToAlarm: 1,
      });
    add('failed-runs', 'critical', errors, 'the registry could not write all items, so changes of the policy do not reach every agent');
    add('ignored', 'warning', ignored, 'the registry ignores a registration');
  }
}

interface KeyedTable {
  readonly tableName: string;
  readonly keys: readonly [partition: string, sort: string];
  readonly removalPolicy: RemovalPolicy;
}

const keyedTable = (scope: Construct, id: string, { tableName, keys: [partition, sort], removalPolicy }: KeyedTable): Table =>
  new Table(scope, id, {
    tableName,
    partitionKey: { name: partition, type: AttributeType.STRING },
    sortKey: { name: sort, type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy,
  });

const parameters = (scope: Construct, path: string): string =>
  Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: path.slice(1).replace(/\/$/, '') });
