import { setImmediate } from 'node:timers/promises';
import * as z from 'zod/mini';
import { batchHandler } from '../../functions/runtime/batch/handle-batch.ts';
import { batchEvent, lambdaContext } from '../batch-event.ts';
import relay from '../compare/relay-agent.ts';
import { loadedHandler } from '../loaded-handler.ts';
import { memoryLedger, memoryPorts, memorySettings, silentLogger } from '../overhead/memory-ports.ts';

// One warm process handles message after message. At each checkpoint it reports the cost of a message since the last one, and its memory.

const [kind = '', ...checkpoints] = process.argv.slice(2);
const ledger = memoryLedger(kind === 'keeps-ledger');
const isInMemory = kind === 'keeps-ledger' || kind === 'forgets';
const handle = isInMemory ? batchHandler(relay, memoryPorts(ledger, silentLogger), memorySettings) : await loadedHandler(kind);

const refuseFailures = z.object({ batchItemFailures: z.array(z.unknown()).check(z.length(0, 'a message of the batch failed')) });

const BATCH_SIZE = 10;
let batch = 0;
/** The CPU of the batches, without creating their events. */
let cpuMicros = 0;

async function handleNext(batches: number): Promise<void> {
  const events = Array.from({ length: batches }, () => batchEvent('growth', batch++));
  const before = process.cpuUsage();
  for (const event of events) refuseFailures.parse(await handle(event, lambdaContext('request')));
  const { user, system } = process.cpuUsage(before);
  cpuMicros += user + system;
}

const CHUNK_BATCHES = 100;

await handleNext(500);
for (const checkpoint of checkpoints.map(Number)) {
  const first = batch;
  cpuMicros = 0;
  while (batch * BATCH_SIZE < checkpoint + 5_000) await handleNext(Math.min(CHUNK_BATCHES, checkpoint / BATCH_SIZE + 500 - batch));
  const messages = (batch - first) * BATCH_SIZE;
  await setImmediate();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ checkpoint, cpuMicros: cpuMicros / messages, heapMib: heapUsed / 2 ** 20, rssMib: rss / 2 ** 20, records: ledger.size });
}
process.disconnect?.();
