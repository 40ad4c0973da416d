import { PRODUCER_METRICS } from '../../events/producer-metrics.ts';
import type { MetricCallback, ProducerMeter } from './producer-options.ts';
import type { TargetState } from './target-state.ts';

interface Measured {
  load(): number;
  inFlight(): number;
  targets(): readonly TargetState[];
}

/** The metrics of a producer, where it was given a meter. docs/backpressure.md lists them. */
export class ProducerMetrics {
  readonly #meter: ProducerMeter | undefined;
  readonly #sent: ReturnType<ProducerMeter['createCounter']> | undefined;
  readonly #ends: (() => void)[] = [];

  constructor(meter: ProducerMeter | undefined, producer: Measured) {
    this.#meter = meter;
    this.#gauge('load', (result) => result.observe(producer.load()));
    this.#gauge('inFlight', (result) => result.observe(producer.inFlight()));
    this.#gauge('rate', (result) => {
      for (const { agent, ratePerSecond } of producer.targets()) if (ratePerSecond !== undefined) result.observe(ratePerSecond, { agent });
    });
    this.#gauge('pressure', (result) => {
      for (const { agent, pressure } of producer.targets()) result.observe(pressure, { agent });
    });
    const { name, ...options } = PRODUCER_METRICS.sent;
    this.#sent = meter?.createCounter(name, options);
  }

  sent(agent: string): void {
    this.#sent?.add(1, { agent });
  }

  /** Observes no more: a closed producer is not kept in memory. */
  end(): void {
    for (const end of this.#ends) end();
  }

  #gauge(metric: keyof typeof PRODUCER_METRICS, observe: MetricCallback): void {
    const { name, ...options } = PRODUCER_METRICS[metric];
    const gauge = this.#meter?.createObservableGauge(name, options);
    gauge?.addCallback(observe);
    this.#ends.push(() => gauge?.removeCallback(observe));
  }
}
