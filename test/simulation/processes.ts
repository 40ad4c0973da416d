import { parseArgs } from 'node:util';
import { runProcesses } from './processes-run.ts';

// node test/simulation/processes.ts --messages 20000 --kills 100

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});
const { log, violations, ...figures } = await runProcesses({
  messages: Number(values.messages),
  kills: Number(values.kills),
  onProgress: (line) => console.error(line),
});
console.log(values.json ? JSON.stringify({ ...figures, violations }, undefined, 2) : figures);
for (const violation of violations.slice(0, 50)) console.log(`VIOLATION ${violation}`);
if (violations.length > 0) {
  for (const line of log.slice(-50)) console.error(line);
  process.exitCode = 1;
}
