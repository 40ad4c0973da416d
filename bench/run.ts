import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { measureScenario } from './backpressure/measure-scenario.ts';
import { drawPictures, PICTURES_FOLDER } from './backpressure/pictures.ts';
import { scenarioTable } from './backpressure/scenario-table.ts';
import { SCENARIOS, UNGOVERNED } from './backpressure/scenarios.ts';
import { compare } from './compare/compare.ts';
import { comparisonTable } from './compare/comparison-table.ts';
import { costDocument } from './cost/cost-document.ts';
import { BASELINE_FILE, ratiosOf } from './counts/baseline.ts';
import { measureCounts } from './counts/measure-counts.ts';
import { growthTables, measureAllGrowth } from './growth/all-growth.ts';
import { machine, machineLine } from './machine.ts';
import { CONTESTANTS } from './producers/contestants.ts';
import { measureProducers } from './producers/measure-producers.ts';
import { producersTables } from './producers/producers-tables.ts';
import { measureProfile, profileTables } from './profile/measure-profile.ts';
import { measureRegistry, REGISTRY_CASES } from './registry/measure-registry.ts';
import { registryTable } from './registry/registry-table.ts';
import { measureSignals } from './signals/measure-signals.ts';
import { signalsTable } from './signals/signals-table.ts';

const positive = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('must be a whole number above 0');
};

const onProgress = (step: string): void => {
  process.stderr.write(`  ${step}\n`);
};

function print(json: boolean, figures: object, table: () => string): void {
  if (json) console.log(JSON.stringify({ ...machine(), ...figures }, null, 2));
  else console.log(`${table()}\n${machineLine(machine())}`);
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-bench-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const program = new Command('bench').description(
  'Measures the cost of the mesh, compared with the usual alternative. See bench/README.md.',
);

program
  .command('compare', { isDefault: true })
  .description('CPU, requests, units, allocations and cold starts, beside Powertools')
  .option('--rounds <count>', 'interleaved rounds; medians are shown', positive, 7)
  .option('--json', 'figures as JSON', false)
  .action(async ({ rounds, json }: { readonly rounds: number; readonly json: boolean }) => {
    const comparison = await compare({ rounds, onProgress });
    print(json, comparison, () => comparisonTable(comparison));
  });

program
  .command('growth')
  .description('whether a message costs the same, and memory stays flat, as messages and ledger grow')
  .option('--messages <count>', 'handled with a ledger that keeps every record', positive, 1_000_000)
  .option('--json', 'figures as JSON', false)
  .action(({ messages, json }: { readonly messages: number; readonly json: boolean }) =>
    inFolder(async (folder) => {
      const growth = await measureAllGrowth(folder, messages, onProgress);
      print(json, growth, () => growthTables(growth));
    }),
  );

program
  .command('profile')
  .description('which package the CPU time of a message and of a cold start goes to')
  .action(() => inFolder(async (folder) => console.log(`${profileTables(await measureProfile(folder))}\n${machineLine(machine())}`)));

program
  .command('signals')
  .description('what metrics, journeys and traces cost, beside Powertools Metrics and Tracer')
  .option('--rounds <count>', 'interleaved rounds; medians are shown', positive, 5)
  .option('--json', 'figures as JSON', false)
  .action(async ({ rounds, json }: { readonly rounds: number; readonly json: boolean }) => {
    const signals = await measureSignals({ rounds, warmUpBatches: 300, batches: 400, onProgress });
    print(json, { signals }, () => signalsTable(signals));
  });

program
  .command('registry')
  .description('what it takes to find an agent by its capability, in meshes of 10 to 10,000 offers')
  .option('--offers <count>', 'offers that are read or compared for each figure', positive, 50_000)
  .option('--json', 'figures as JSON', false)
  .action(async ({ offers, json }: { readonly offers: number; readonly json: boolean }) => {
    const registry = await measureRegistry({ cases: REGISTRY_CASES, offers, loadSeconds: 20, onProgress });
    print(json, { registry }, () => registryTable(registry));
  });

program
  .command('backpressure')
  .description('the governor of producers, in virtual time: waits, goodput, fairness')
  .option('--json', 'figures as JSON', false)
  .option('--svg', 'also writes the pictures of docs/backpressure.md', false)
  .action(({ json, svg }: { readonly json: boolean; readonly svg: boolean }) => {
    if (svg) {
      mkdirSync(PICTURES_FOLDER, { recursive: true });
      for (const [file, picture] of drawPictures()) writeFileSync(join(PICTURES_FOLDER, file), picture);
    }
    const scenarios = [UNGOVERNED, ...SCENARIOS].map(measureScenario);
    print(json, { scenarios }, () => scenarioTable(scenarios));
  });

program
  .command('producers')
  .description('producers that are faster than their agent, on the embedded cloud: ours, the SDK in a loop, sqs-producer; a noisy tenant')
  .option('--seconds <count>', 'for which each of them sends', positive, 60)
  .addOption(new Option('--only <name>', 'one of them alone').choices(CONTESTANTS.map(({ name }) => name)))
  .option('--json', 'figures as JSON', false)
  .action(async ({ json, ...options }: { readonly seconds: number; readonly only?: string; readonly json: boolean }) => {
    const producers = await measureProducers({ ...options, onProgress });
    print(json, { producers }, () => producersTables(producers));
  });

program
  .command('baseline')
  .description('records the counts that CI holds later versions to')
  .action(async () => {
    const ratios = ratiosOf(await measureCounts());
    writeFileSync(BASELINE_FILE, `${JSON.stringify(ratios, null, 2)}\n`);
    console.log(ratios);
  });

program
  .command('cost')
  .description('writes docs/cost.md from the model in bench/cost')
  .action(() => {
    writeFileSync(join(import.meta.dirname, '../docs/cost.md'), costDocument());
  });

await program.parseAsync();
