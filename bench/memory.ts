import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { MeshClient } from '../client/index.ts';
import { machine, machineLine } from './machine.ts';
import { textTable } from './text-table.ts';

const ROOT = join(import.meta.dirname, '..');
const AGENT = 'order-processing';
const SAMPLES = globSync('events/samples/*.json', { cwd: ROOT });
/** The collector has run by then. */
const SETTLED_SECONDS = 15;

const upSchema = z.object({ endpoint: z.string(), region: z.string() });

await new Command('bench:memory')
  .description('Measures the resident memory of posthorn dev, with all its functions: after the samples, and as it handles many messages.')
  .option('--messages <n>', 'orders, in three parts', Number, 75_000)
  .action(async ({ messages }: { readonly messages: number }) => {
    const rows = await measure(messages / 3);
    console.log(textTable(['', 'MB'], rows));
    console.log(machineLine(machine()));
  })
  .parseAsync();

async function measure(part: number): Promise<readonly [string, string][]> {
  const child = spawn(process.execPath, ['--conditions=posthorn-source', 'cli/bin.mjs', 'dev', '--port', '0', '--no-watch', '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const settled = async () => {
    await setTimeout(SETTLED_SECONDS * 1_000);
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_000).toFixed(0);
  };
  try {
    // The first line describes the mesh, and each other one a sample that has ended.
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) if (lines.push(line) > SAMPLES.length) break;
    child.stdout.resume();
    const { endpoint, region } = z.parse(upSchema, JSON.parse(lines[0] ?? ''));
    const rows: [string, string][] = [[`after ${SAMPLES.length} samples`, await settled()]];
    await using mesh = new MeshClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    const end = new AbortController();
    const reading = takeReplies(mesh, end.signal);
    for (let nth = 1; nth <= 3; nth++) {
      for await (const result of mesh.sendMany(AGENT, orders(part)))
        if (result.status !== 'sent') throw new Error(`an order was ${result.status}`);
      while (Object.values(await mesh.depth(AGENT, 'inbox')).some((count) => count > 0)) await setTimeout(1_000);
      rows.push([`after ${Math.round(part * nth).toLocaleString('en')} orders`, await settled()]);
    }
    end.abort();
    console.log(`${await reading} replies were taken`);
    return rows;
  } finally {
    child.kill('SIGINT');
  }
}

/** Replies that nobody takes stay in their queue, in memory. @returns how many it has taken when the signal aborts */
async function takeReplies(mesh: MeshClient, signal: AbortSignal): Promise<number> {
  let taken = 0;
  for await (const _reply of mesh.replies({ signal })) taken++;
  return taken;
}

async function* orders(count: number): AsyncGenerator<object> {
  for (let nth = 0; nth < count; nth++) {
    const orderId = crypto.randomUUID();
    const data = { orderId, amount: { value: 4_998, currency: 'EUR' }, paymentMethod: 'pm_ok', items: [{ sku: 'kettle-1', quantity: 2 }] };
    yield { type: 'order.placed', subject: orderId, data };
  }
}
