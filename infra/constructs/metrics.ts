import { extname, join } from 'node:path';
import { Duration, Fn, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaResource } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ABOVE_GOAL_MESSAGE, BRAKED_MESSAGE } from '../../events/load-reading.ts';
import { metricsTableName } from '../../events/metrics-record.ts';
import { functionName, type MeshName, meshPrefix, PROBE_SERVICE } from '../../events/names.ts';
import { NOBODY_HEALTHY_MESSAGE } from '../../events/offer.ts';
import { ROLLED_BACK_MESSAGE } from '../../events/rollout.ts';
import { LEFT_MESSAGES_MESSAGE } from '../../events/snapshot.ts';
import { logLines } from './log-lines.ts';
import { MeshFunction } from './mesh-function.ts';
import { ServiceAlarm } from './service-alarm.ts';

/** The entry of the probe's function. */
const ENTRY = join(import.meta.dirname, `../../functions/services/probe/handler${extname(import.meta.filename)}`);

/** A run that fails alone leaves a gap of one snapshot. */
const FAILED_RUNS = 3;

/** SQS counts late: one run alone says little. */
const RUNS_ABOVE_GOAL = 3;

/** So many missed runs are no delay of EventBridge. */
const MISSED_RUNS = 5;

export interface MetricsProps {
  readonly mesh: MeshName;
  readonly registry: Pick<ITable, 'tableArn' | 'tableName'>;
  readonly offers: Pick<ITable, 'tableArn' | 'tableName'>;
  /** A queue of the mesh in its account and region, and its name: the URLs of the others differ in the name only. */
  readonly queue: { readonly queue: IQueue; readonly name: string };
  readonly probeMinutes: number;
  readonly hasAlarms: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly retainState: boolean;
}

/**
 * The metrics of a mesh: a table with the metrics record of each agent, and the probe, which takes a snapshot of each agent on a
 * schedule. They say how the mesh is, and nothing is lost with them. The probe also tells the registry how each agent does.
 */
export class Metrics extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: MetricsProps) {
    super(scope, id);
    const { mesh, registry, offers, queue, probeMinutes, hasAlarms, removalPolicy, retainState } = props;
    this.table = new Table(this, 'Table', {
      tableName: metricsTableName(mesh),
      partitionKey: { name: 'series', type: AttributeType.STRING },
      sortKey: { name: 'entry', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      removalPolicy,
    });
    Validations.of(this.table).acknowledge({
      id: 'AwsSolutions::AwsSolutions-DDB3',
      reason: 'Metrics of the last minutes: a backup of them would be out of date.',
    });
    const { lambda, role } = new MeshFunction(this, 'Probe', {
      mesh,
      functionId: PROBE_SERVICE,
      description: 'Takes a snapshot of each agent',
      entry: ENTRY,
      timeoutSeconds: 55,
      memoryMb: 256,
      retainState,
      environment: {
        POSTHORN_PREFIX: mesh.prefix,
        POSTHORN_STAGE: mesh.stage,
        POSTHORN_REGISTRY_TABLE: registry.tableName,
        POSTHORN_OFFERS_TABLE: offers.tableName,
        POSTHORN_METRICS_TABLE: this.table.tableName,
        POSTHORN_PROBE_MINUTES: String(probeMinutes),
        POSTHORN_QUEUE_URL: Fn.join('{queue}', Fn.split(queue.name, queue.queue.queueUrl)),
      },
    });
    const allow = (sid: string, resources: string[], actions: string[]) =>
      role.addToPolicy(new PolicyStatement({ sid, actions, resources }));
    const queues = Stack.of(this).formatArn({ service: 'sqs', resource: `${meshPrefix(mesh)}-*` });
    allow('ReadRegistry', [registry.tableArn], ['dynamodb:Query']);
    allow('KeepSnapshots', [this.table.tableArn], ['dynamodb:BatchGetItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query']);
    allow('KeepOffers', [offers.tableArn], ['dynamodb:Scan', 'dynamodb:UpdateItem']);
    allow('CountMessages', [queues], ['sqs:GetQueueAttributes']);
    allow('FindPaused', ['*'], ['lambda:ListEventSourceMappings']);
    Validations.of(role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'IAM knows no resources for lambda:ListEventSourceMappings.',
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${meshPrefix(mesh)}-*]`,
      reason: "It counts the messages of every agent's queues, also of agents that are added later.",
    });
    const rule = new Rule(this, 'Schedule', {
      ruleName: functionName(mesh, PROBE_SERVICE),
      description: `Posthorn (${mesh.stage}): the probe`,
      schedule: Schedule.rate(Duration.minutes(probeMinutes)),
      targets: [new LambdaFunction(lambda, { maxEventAge: Duration.minutes(1), retryAttempts: 0 })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless::Serverless-EventBusDLQ',
      reason: 'A snapshot that was not taken is of no use later: the next one has all totals.',
    });
    if (hasAlarms) this.#alarms(mesh, lambda, Duration.minutes(probeMinutes));
  }

  /** Without snapshots nobody sees how the mesh is; messages go on. The others are about what the probe sees. */
  #alarms(mesh: MeshName, lambda: LambdaResource, period: Duration): void {
    const common = { mesh, service: PROBE_SERVICE, severity: 'warning' };
    const lines = (id: string, message: string, name: string) =>
      logLines(this, id, { logGroup: lambda.logGroup, message, metricName: `${meshPrefix(mesh)}-${name}`, period });
    new ServiceAlarm(this, 'nobody-healthy-critical', {
      ...common,
      severity: 'critical',
      measure: 'nobody-healthy',
      problem: 'no agent of a capability is healthy, and the one with the smallest share of errors gets its messages',
      metric: lines('NobodyHealthy', NOBODY_HEALTHY_MESSAGE, 'capabilities-without-healthy-agents'),
      threshold: 0,
      evaluationPeriods: 1,
    });
    new ServiceAlarm(this, 'rolled-back-warning', {
      ...common,
      measure: 'rolled-back',
      problem: 'a rollout was rolled back, because its agent did worse than the others',
      metric: lines('RolledBack', ROLLED_BACK_MESSAGE, 'rollouts-rolled-back'),
      threshold: 0,
      evaluationPeriods: 1,
    });
    new ServiceAlarm(this, 'left-messages-warning', {
      ...common,
      measure: 'left-messages',
      problem: 'an agent has left the mesh, and its queues held messages',
      metric: lines('LeftMessages', LEFT_MESSAGES_MESSAGE, 'agents-that-left-messages'),
      threshold: 0,
      evaluationPeriods: 1,
    });
    new ServiceAlarm(this, 'above-goal-warning', {
      ...common,
      measure: 'above-goal',
      problem: 'messages wait at an agent for longer than its latencyGoalSeconds',
      metric: lines('AboveGoal', ABOVE_GOAL_MESSAGE, 'agents-above-goal'),
      threshold: 0,
      evaluationPeriods: RUNS_ABOVE_GOAL,
    });
    new ServiceAlarm(this, 'braked-warning', {
      ...common,
      measure: 'braked',
      problem: 'an agent has held its producers back for more than five minutes',
      metric: lines('Braked', BRAKED_MESSAGE, 'agents-that-brake'),
      threshold: 0,
      evaluationPeriods: 1,
    });
    new ServiceAlarm(this, 'failed-runs-warning', {
      ...common,
      measure: 'failed-runs',
      problem: 'the probe fails, so some agents have no new snapshot',
      metric: lambda.metricErrors({ period, statistic: 'Sum' }),
      threshold: 0,
      evaluationPeriods: FAILED_RUNS,
    });
    new ServiceAlarm(this, 'no-runs-warning', {
      ...common,
      measure: 'no-runs',
      problem: 'the probe does not run, so no agent has a new snapshot',
      metric: lambda.metricInvocations({ period, statistic: 'Sum' }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: MISSED_RUNS,
      // A function that is not invoked reports no data.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }
}
