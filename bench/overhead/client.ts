import { batchHandler } from '../../functions/runtime/batch/handle-batch.ts';
import { batchEvent, lambdaContext } from '../batch-event.ts';
import relay from '../compare/relay-agent.ts';
import { lineLogger, memoryLedger, memoryPorts, memorySettings, silentLogger } from './memory-ports.ts';

// The runtime on ports that answer at once, in a separate process: its own cost, with and without its log lines.

const [logger, batches] = [process.argv[2] === 'lines' ? lineLogger() : silentLogger, Number(process.argv[3])];
const handle = batchHandler(relay, memoryPorts(memoryLedger(), logger), memorySettings);

async function run(first: number, count: number): Promise<number> {
  const events = Array.from({ length: count }, (_, index) => batchEvent('overhead', first + index));
  const before = process.cpuUsage();
  for (const event of events) {
    const { batchItemFailures } = await handle(event, lambdaContext('request'));
    if (batchItemFailures.length > 0) throw new Error('a message of the batch failed');
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (count * 10);
}

await run(0, 500);
const cpuMicros = await run(500, batches);
process.send?.({ cpuMicros }, () => process.disconnect());
