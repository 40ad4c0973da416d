import { GCProfiler } from 'node:v8';
import { batchEvent, lambdaContext } from '../batch-event.ts';
import { loadedHandler } from '../loaded-handler.ts';
import { traceEpoch } from '../trace-epoch.ts';
import { planSchema } from './client-messages.ts';

// One contestant in its own process, which handles one batch after another like a warm Lambda. Events are created beforehand, so that
// neither their CPU nor their memory is counted.

const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));
const handle = await loadedHandler(plan.bundleFolder);

const { sampledOfTen } = plan;
const options = sampledOfTen === undefined ? {} : { sampledOfTen };

const eventsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => batchEvent(plan.run, first + index, options));

async function handleAll(events: ReturnType<typeof eventsFrom>, epoch: string = traceEpoch.counted): Promise<void> {
  for (const [index, event] of events.entries()) {
    if (sampledOfTen !== undefined) process.env._X_AMZN_TRACE_ID = lambdaTrace(epoch, index, index % 10 < sampledOfTen);
    await handle(event, lambdaContext(`request-${index}`));
  }
}

/** As Lambda sets it for each invocation of a function with active tracing. */
function lambdaTrace(epoch: string, nth: number, isSampled: boolean): string {
  const hex = nth.toString(16).padStart(16, '0');
  return `Root=1-${epoch}-${hex.padStart(24, '0')};Parent=${hex};Sampled=${isSampled ? 1 : 0}`;
}

async function timed(): Promise<object> {
  const events = eventsFrom(plan.warmUpBatches, plan.batches);
  // Counting in the stub begins here.
  process.send?.('warm');
  await new Promise((resolve) => process.once('message', resolve));
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await handleAll(events);
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: user + system, wallMicros: (performance.now() - startedAtMs) * 1_000 };
}

/**
 * Without a collection in between, the growth of the heap equals the allocations. So the process starts with a large enough young
 * generation, and a run with a collection is an error.
 */
async function allocated(): Promise<object> {
  const events = eventsFrom(plan.warmUpBatches, plan.batches);
  globalThis.gc?.();
  const collections = new GCProfiler();
  collections.start();
  const before = process.memoryUsage().heapUsed;
  await handleAll(events);
  const allocatedBytes = process.memoryUsage().heapUsed - before;
  if (collections.stop()?.statistics.length !== 0) throw new Error('the collector ran while allocations were counted: take fewer batches');
  return { allocatedBytes };
}

await handleAll(eventsFrom(0, plan.warmUpBatches), traceEpoch.warmUp);
const figures = plan.measure === 'time' ? await timed() : await allocated();
process.send?.(figures, () => process.disconnect());
