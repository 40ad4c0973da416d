import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  DashboardVariable,
  DefaultValue,
  GraphWidget,
  type IWidget,
  SearchExpression,
  TextWidget,
  VariableInputType,
  VariableType,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { dashboardName, type MeshName, meshPrefix } from '../../events/names.ts';
import { agentSearch, type MetricSearch, meshSearch } from './metric-search.ts';

const MINUTE = Duration.minutes(1);

/** CloudWatch's grid has 24 columns. */
const WIDTH = 8;
const HEIGHT = 6;

export interface DashboardProps {
  readonly mesh: MeshName;
}

/**
 * The dashboard of a mesh: the sums of the mesh, and each agent. It has only metrics that AWS keeps anyway, and finds them by the names of
 * the mesh: agents of other apps are on it, and it does not change when an agent comes or goes.
 */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { mesh }: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: dashboardName(mesh),
      defaultInterval: Duration.hours(3),
      variables: [
        new DashboardVariable({
          id: 'agent',
          label: `Agents (${meshPrefix(mesh)}-<id> for one)`,
          // The value replaces this text in the searches of the agents.
          type: VariableType.PATTERN,
          value: meshPrefix(mesh),
          inputType: VariableInputType.INPUT,
          defaultValue: DefaultValue.value(meshPrefix(mesh)),
          visible: true,
        }),
      ],
      widgets: [
        [new TextWidget({ markdown: '# The mesh', width: 24, height: 1 })],
        ...meshRows(mesh),
        [new TextWidget({ markdown: '# Each agent', width: 24, height: 1 })],
        ...agentRows(mesh),
      ],
    });
  }
}

function meshRows(mesh: MeshName): IWidget[][] {
  const sum = (label: string, search: MetricSearch) => line(`SUM(${meshSearch(mesh, search)})`, label);
  const most = (label: string, search: MetricSearch) => line(`MAX(${meshSearch(mesh, search)})`, label);
  return [
    [
      graph('Messages through inboxes', [sum('sent', SENT), sum('handled', DELETED)]),
      graph('Messages in queues', [
        sum('wait in inboxes', WAITING),
        sum('in flight', IN_FLIGHT),
        sum('in error queues', REJECTED),
        sum('in dead-letter queues', DEAD),
      ]),
      graph('Oldest message in an inbox, seconds', [most('oldest', OLDEST)]),
    ],
    [
      graph('Invocations', [sum('invocations', INVOCATIONS), sum('errors', ERRORS), sum('throttles', THROTTLES)]),
      graph('Concurrent executions', [sum('executions', CONCURRENT)]),
      graph('Throttled requests to tables', [
        sum('reads', tables('ReadThrottleEvents')),
        sum('writes', tables('WriteThrottleEvents')),
        sum('writes to indexes', indexes('WriteThrottleEvents')),
      ]),
    ],
  ];
}

function agentRows(mesh: MeshName): IWidget[][] {
  const each = (title: string, search: MetricSearch) => graph(title, [line(agentSearch(mesh, search), '')]);
  return [
    [each('Waiting in the inbox', WAITING), each('Oldest message in the inbox, seconds', OLDEST), each('In flight', IN_FLIGHT)],
    [each('Sent to the inbox', SENT), each('Handled', DELETED), each('In the error queue', REJECTED)],
    [each('In the dead-letter queue', DEAD), each('Invocations', INVOCATIONS), each('Failed invocations', ERRORS)],
    [
      each('Throttled invocations', THROTTLES),
      each('95% of invocations, milliseconds', DURATION),
      each('Concurrent executions', CONCURRENT),
    ],
  ];
}

const graph = (title: string, left: SearchExpression[]): IWidget =>
  new GraphWidget({ title, left, width: WIDTH, height: HEIGHT, leftYAxis: { min: 0 } });

const line = (expression: string, label: string): SearchExpression => new SearchExpression({ expression, label, period: MINUTE });

const queues = (queue: 'inbox' | 'errors' | 'dlq', metric: string, statistic: MetricSearch['statistic']): MetricSearch => ({
  schema: 'AWS/SQS,QueueName',
  dimension: 'QueueName',
  metric,
  token: queue,
  statistic,
});

const functions = (metric: string, statistic: MetricSearch['statistic']): MetricSearch => ({
  schema: 'AWS/Lambda,FunctionName',
  dimension: 'FunctionName',
  metric,
  statistic,
});

const tables = (metric: string): MetricSearch => ({
  schema: 'AWS/DynamoDB,TableName',
  dimension: 'TableName',
  metric,
  statistic: 'Sum',
});

const indexes = (metric: string): MetricSearch => ({ ...tables(metric), schema: 'AWS/DynamoDB,TableName,GlobalSecondaryIndexName' });

const WAITING = queues('inbox', 'ApproximateNumberOfMessagesVisible', 'Maximum');
const IN_FLIGHT = queues('inbox', 'ApproximateNumberOfMessagesNotVisible', 'Maximum');
const OLDEST = queues('inbox', 'ApproximateAgeOfOldestMessage', 'Maximum');
const SENT = queues('inbox', 'NumberOfMessagesSent', 'Sum');
const DELETED = queues('inbox', 'NumberOfMessagesDeleted', 'Sum');
const REJECTED = queues('errors', 'ApproximateNumberOfMessagesVisible', 'Maximum');
const DEAD = queues('dlq', 'ApproximateNumberOfMessagesVisible', 'Maximum');
const INVOCATIONS = functions('Invocations', 'Sum');
const ERRORS = functions('Errors', 'Sum');
const THROTTLES = functions('Throttles', 'Sum');
const DURATION = functions('Duration', 'p95');
const CONCURRENT = functions('ConcurrentExecutions', 'Maximum');
