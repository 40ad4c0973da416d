import { batchEvent, lambdaContext } from '../batch-event.ts';
import { loadedHandler } from '../loaded-handler.ts';

// A cold start: import and initialisation of a bundle in a fresh process, then its first message.

const [bundleFolder = '', run = ''] = process.argv.slice(2);
const [event, context] = [batchEvent(run, 0, { size: 1 }), lambdaContext('first')];
const startedAtMs = performance.now();
const handle = await loadedHandler(bundleFolder);
const readyAtMs = performance.now();
await handle(event, context);
process.send?.({ initMs: readyAtMs - startedAtMs, firstMessageMs: performance.now() - readyAtMs }, () => process.exit());
