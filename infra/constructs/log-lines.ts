import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** That of the agents' metrics. */
const METRIC_NAMESPACE = 'Posthorn';

interface LogLinesProps {
  readonly logGroup: ILogGroup;
  /** The message of the lines. */
  readonly message: string;
  readonly metricName: string;
  readonly period: Duration;
}

/** How many lines with a message are in a log, in each period. */
export function logLines(scope: Construct, id: string, { logGroup, message, metricName, period }: LogLinesProps): Metric {
  new MetricFilter(scope, id, {
    logGroup,
    filterPattern: FilterPattern.stringValue('$.message', '=', message),
    metricNamespace: METRIC_NAMESPACE,
    metricName,
    metricValue: '1',
  });
  return new Metric({ namespace: METRIC_NAMESPACE, metricName, period, statistic: 'Sum' });
}
