import { Command } from 'commander';
import { localTables } from './local/local-tables.ts';
import { measureLocal } from './local/measure-local.ts';
import { machine, machineLine } from './machine.ts';

await new Command('bench:local')
  .description('Measures the no-op agent under the full pipeline on the embedded cloud: throughput, latency and the bottleneck.')
  .option('--json', 'figures as JSON', false)
  .action(async ({ json }: { readonly json: boolean }) => {
    const figures = await measureLocal((step) => process.stderr.write(`  ${step}\n`));
    console.log(json ? JSON.stringify({ ...machine(), ...figures }, null, 2) : `${localTables(figures)}\n${machineLine(machine())}`);
  })
  .parseAsync();
