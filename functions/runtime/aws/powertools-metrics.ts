import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../ports.ts';

const NAMESPACE = 'Posthorn';

/** Metrics in CloudWatch's embedded metric format: a log line a batch, and none where nothing was recorded. */
export function metricsOf(agentId: string): Metrics {
  const metrics = new PowertoolsMetrics({ namespace: NAMESPACE, serviceName: agentId });
  return {
    count: (name, increment) => metrics.addMetric(name, MetricUnit.Count, increment),
    duration: (name, milliseconds) => metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
