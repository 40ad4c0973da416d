import type { MeshClientOptions } from '../mesh-client-options.ts';
import type { PrepareOptions } from '../send/prepare-event.ts';
import type { SendManyOptions } from '../send/send-many-options.ts';

/** How a {@link MeshProducer} sends. */
export interface ProducerOptions extends MeshClientOptions {
  /** Messages to one agent that have been given to the producer and are not sent yet, at most. @default 100 */
  readonly maxInFlight?: number | undefined;
  /**
   * What happens to a message that may not be sent now: `wait` makes it wait for its turn, in the order of the calls; `reject` throws a
   * `BackpressureError` at once.
   *
   * @default 'wait'
   */
  readonly mode?: 'wait' | 'reject' | undefined;
  /** Messages of {@link MeshProducer.send} to one agent that wait for their turn, at most; one more throws a `BackpressureError`. @default 10000 */
  readonly maxWaiting?: number | undefined;
  /** A request waits so many milliseconds for further messages, unless it is full: ten messages, or 1 MiB. @default 5 */
  readonly lingerMs?: number | undefined;
  /** Requests to an agent at the same time. @default 8 */
  readonly concurrency?: number | undefined;
  /**
   * `on` sends to an agent as fast as the agent and those that it calls can handle it. A number sends so many messages each second to an
   * agent, and `off` sends as fast as SQS takes them: then nothing is read, and nobody is spared.
   *
   * @default 'on'
   */
  readonly governor?: 'on' | 'off' | number | undefined;
  /** Gets the error of a later reading of an agent's load: the producer goes on with the last one, more and more slowly. @default `process.emitWarning` */
  readonly onLoadError?: ((error: Error, agent: string) => void) | undefined;
  /** Where to report `posthorn.producer.load` and the other metrics of the producer. @default nowhere */
  readonly meter?: ProducerMeter | undefined;
}

/** Reports the present values of a metric. */
export type MetricCallback = (result: { observe(value: number, attributes?: Record<string, string>): void }) => void;

/** The part of an OpenTelemetry meter that a producer uses: `metrics.getMeter('posthorn')` is one. */
export interface ProducerMeter {
  createObservableGauge(
    name: string,
    options: { readonly description: string; readonly unit: string },
  ): { addCallback(callback: MetricCallback): void; removeCallback(callback: MetricCallback): void };
  createCounter(
    name: string,
    options: { readonly description: string; readonly unit: string },
  ): { add(value: number, attributes: Record<string, string>): void };
}

/** How {@link MeshProducer.flush} and {@link MeshProducer.close} wait. */
export interface EndOptions {
  /** Ends the waiting. `AbortSignal.timeout(5_000)` is a timeout. */
  readonly signal?: AbortSignal | undefined;
}

/** How {@link MeshProducer.send} sends a message. */
export interface ProduceOptions extends PrepareOptions {
  /** Ends the waiting. A message whose request is under way may be sent all the same. `AbortSignal.timeout(5_000)` is a timeout. */
  readonly signal?: AbortSignal | undefined;
}

/** How {@link MeshProducer.sendMany} sends. */
export type ProduceManyOptions<Item> = Omit<SendManyOptions<Item>, 'concurrency'>;
