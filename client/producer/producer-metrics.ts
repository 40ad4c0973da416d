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
    this.#gauge('load', 'How much of what the producer may do is in use, 0 to 1', '1', (result) => result.observe(producer.load()));
    this.#gauge('in_flight', 'Messages that have a turn and are not sent yet', '{message}', (result) =>
      result.observe(producer.inFlight()),
    );
    this.#gauge('rate', 'Messages each second that the producer may send', '{message}/s', (result) => {
      for (const { agent, ratePerSecond } of producer.targets()) if (ratePerSecond !== undefined) result.observe(ratePerSecond, { agent });
    });
    this.#gauge('pressure', 'The expected wait divided by the goal', '1', (result) => {
      for (const { agent, pressure } of producer.targets()) result.observe(pressure, { agent });
    });
    this.#sent = meter?.createCounter('posthorn.producer.sent', { description: 'Messages that SQS has taken', unit: '{message}' });
  }

  sent(agent: string): void {
    this.#sent?.add(1, { agent });
  }

  /** Observes no more: a closed producer is not kept in memory. */
  end(): void {
    for (const end of this.#ends) end();
  }

  #gauge(name: string, description: string, unit: string, observe: MetricCallback): void {
    const gauge = this.#meter?.createObservableGauge(`posthorn.producer.${name}`, { description, unit });
    gauge?.addCallback(observe);
    this.#ends.push(() => gauge?.removeCallback(observe));
  }
}
