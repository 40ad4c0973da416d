import { METRICS_ENTRIES, type MetricsEntry } from '../../../events/metrics-record.ts';
import type { Delivery } from '../delivery.ts';
import type { Clock, Logger, MetricsTable } from '../ports.ts';
import { Increments } from './increments.ts';
import { count, measure } from './measure.ts';
import { OwnMetrics } from './own-metrics.ts';

/** An invocation that has nothing else to do waits no longer for the writes of its metrics. */
export const MAX_WAIT_MS = 100;

interface RecorderPorts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: MetricsTable;
}

/** Nothing was written, and the same can be written later. The adapter of {@link MetricsTable} throws it. */
export class MetricsRefusedError extends Error {
  override readonly name = 'MetricsRefusedError';
}

/**
 * The metrics of a process. It adds them to the agent's metrics record once an invocation, beside the sends. They decide nothing: a
 * write that fails is logged. What it would have added is added later if it is known that nothing was written and that it can be;
 * otherwise it is missing, and the loss is counted.
 */
export class MetricsRecorder {
  readonly own: OwnMetrics;
  readonly #ports: RecorderPorts;
  readonly #increments: Readonly<Record<MetricsEntry, Increments>> = { totals: new Increments(), own: new Increments() };
  #isFailing = false;

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
    this.own = new OwnMetrics(this.#increments.own, ports.logger);
  }

  /**
   * @param deliveryCount of the invocation that begins
   * @param endsAt epoch milliseconds at which it ends, however it ends
   */
  begin(deliveryCount: number, endsAt: number): InvocationMetrics {
    const startedAt = this.#ports.clock.now();
    let [left, writing] = [deliveryCount, undefined as Promise<void> | undefined];
    const write = () => {
      count(this.#increments.totals, 'invocations');
      count(this.#increments.totals, 'busyMs', Math.max(0, this.#ports.clock.now() - startedAt));
      return this.#write();
    };
    return {
      record: (delivery) => {
        measure(delivery, this.#ports.clock.now(), this.#increments.totals);
        for (const used of delivery.usage) this.own.usage(used, delivery.report.outcome === 'processed');
        if (--left === 0) writing ??= write();
      },
      end: () => {
        writing ??= write();
        return this.#within(Math.min(MAX_WAIT_MS, (endsAt - this.#ports.clock.now()) / 2), writing);
      },
    };
  }

  async #write(): Promise<void> {
    const results = await Promise.all(METRICS_ENTRIES.map((entry) => this.#writeEntry(entry)));
    const failure = results.find((error) => error !== undefined);
    if (failure !== undefined && !this.#isFailing)
      this.#ports.logger.warn('metrics could not be written; messages go on', { error: failure });
    this.#isFailing = failure !== undefined;
  }

  /** @returns the error of a write that failed */
  async #writeEntry(entry: MetricsEntry): Promise<unknown> {
    const increments = this.#increments[entry];
    const taken = increments.take();
    if (taken.size === 0) return undefined;
    try {
      this.own.leaveOut(await this.#ports.metrics.add(entry, taken));
      return undefined;
    } catch (error) {
      if (error instanceof MetricsRefusedError) increments.putBack(taken);
      else count(this.#increments.totals, 'lostWrites');
      return error;
    }
  }

  #within(limitMs: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.after(limitMs, resolve);
      work.then(() => {
        cancel();
        resolve();
      }, resolve);
    });
  }
}

/** What the messages of one invocation come to. */
export interface InvocationMetrics {
  /** Adds a delivery whose report is final. With the last one of the invocation, the write begins. */
  record(delivery: Delivery): void;
  /** Writes what is not written yet. Resolves when it is written, failed, or took too long. */
  end(): Promise<void>;
}
