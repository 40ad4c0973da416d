import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Logger, Metrics } from '../ports.ts';

const NAMESPACE = 'Posthorn';

/** Fields that a line has beside its metrics: a metric of that name would spoil the line of the whole batch. */
const TAKEN_NAMES: ReadonlySet<string> = new Set(['service', '_aws']);

/**
 * Metrics in CloudWatch's embedded metric format: a log line a batch, and none if nothing was recorded. Never throws, for a metric
 * decides no outcome: one that CloudWatch would not take (two units under one name, no name, no finite number) is left out.
 *
 * @param logger gets a warning for each name that is left out, once
 */
export function metricsOf(agentId: string, logger: Pick<Logger, 'warn'>): Metrics {
  const metrics = new PowertoolsMetrics({ namespace: NAMESPACE, serviceName: agentId });
  const leftOut = new Set<string>();
  const record = (name: string, unit: 'Count' | 'Milliseconds', value: number): void => {
    try {
      if (TAKEN_NAMES.has(name)) throw new RangeError('the name is taken');
      if (!Number.isFinite(value)) throw new RangeError('the value is no finite number');
      metrics.addMetric(name, unit, value);
    } catch (error) {
      if (leftOut.has(name)) return;
      leftOut.add(name);
      logger.warn('a metric is left out', { metric: name, error });
    }
  };
  return {
    count: (name, increment) => record(name, MetricUnit.Count, increment),
    duration: (name, milliseconds) => record(name, MetricUnit.Milliseconds, milliseconds),
    flush: () => {
      try {
        if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      } catch (error) {
        logger.warn('the metrics of a batch are left out', { error });
      }
    },
  };
}
