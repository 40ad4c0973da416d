import type { DeliverySpan, Tracing } from '../../functions/runtime/ports.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

/** Longer than any invocation waits. */
const SLOW_MS = 5_000;

/** Tracing that fails, is slow or never answers. No invocation counts as disturbed by that: it must change nothing. */
export function simulatedTracing(process: SimulatedProcess, { faults }: World): Tracing {
  const mayThrow = () => {
    if (faults.happens('tracing-throws')) throw new Error('tracing-throws');
  };
  const span: DeliverySpan = {
    begin() {
      mayThrow();
      return span;
    },
    within(work) {
      mayThrow();
      work();
      mayThrow();
    },
    end: mayThrow,
  };
  const answer = (): Promise<void> => {
    if (faults.happens('tracing-fails')) return Promise.reject(new Error('tracing-fails'));
    if (faults.happens('tracing-slow')) return process.sleep(SLOW_MS);
    return faults.happens('tracing-never') ? new Promise(() => undefined) : Promise.resolve();
  };
  return {
    ready: answer,
    begin() {
      mayThrow();
      return span;
    },
    flush: answer,
  };
}
