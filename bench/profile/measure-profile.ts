import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunction } from '../../infra/constructs/bundle-function.ts';
import type { Plan } from '../compare/client-messages.ts';
import { CONTESTANTS, type Contestant, entryOf, functionEnvironment } from '../compare/contestant.ts';
import { reply, type Stub, startStub } from '../stub/start-stub.ts';
import { textTable } from '../text-table.ts';
import { cpuByPackage } from './cpu-by-package.ts';

/** By package: microseconds for one message of a warm process, and for one cold start. */
export type Profile = Readonly<
  Record<Contestant, { readonly message: ReadonlyMap<string, number>; readonly start: ReadonlyMap<string, number> }>
>;

const WARM_UP_BATCHES = 200;
const BATCHES = 1_500;
const COLD_STARTS = 15;

/** @param folder for bundles and profiles */
export async function measureProfile(folder: string): Promise<Profile> {
  await using stub = await startStub();
  const measure = async (contestant: Contestant) => {
    const bundle = join(folder, contestant);
    bundleFunction(entryOf(contestant), bundle);
    return { message: await messageProfile(bundle, stub), start: await startProfile(bundle, stub) };
  };
  const [posthorn, powertools] = CONTESTANTS;
  return { posthorn: await measure(posthorn), powertools: await measure(powertools) };
}

/** Includes the start of the process, spread over all messages. */
async function messageProfile(bundleFolder: string, stub: Stub): Promise<ReadonlyMap<string, number>> {
  const plan: Plan = { measure: 'time', bundleFolder, run: randomUUID(), warmUpBatches: WARM_UP_BATCHES, batches: BATCHES };
  const profiles = join(bundleFolder, 'message');
  const child = fork(join(import.meta.dirname, '../compare/client.ts'), [JSON.stringify(plan)], {
    execArgv: profilerOptions(profiles),
    env: { ...functionEnvironment(stub) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  await reply(child);
  child.send('go');
  await exited;
  return scaled(cpuByPackage(onlyFile(profiles)), 1 / ((WARM_UP_BATCHES + BATCHES) * 10));
}

/** Import and initialisation of the bundle, with the start of Node: the fastest of several starts. */
async function startProfile(bundleFolder: string, stub: Stub): Promise<ReadonlyMap<string, number>> {
  const starts: ReadonlyMap<string, number>[] = [];
  for (let start = 0; start < COLD_STARTS; start++) {
    const profiles = join(bundleFolder, `start-${start}`);
    const child = spawn(process.execPath, [...profilerOptions(profiles), join(bundleFolder, 'index.mjs')], {
      env: { ...functionEnvironment(stub) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    starts.push(cpuByPackage(onlyFile(profiles)));
  }
  return starts.reduce((least, start) => (total(start) < total(least) ? start : least));
}

const total = (micros: ReadonlyMap<string, number>): number => micros.values().reduce((sum, value) => sum + value, 0);

const profilerOptions = (folder: string): string[] => ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'];

function onlyFile(folder: string): string {
  const [file] = readdirSync(folder);
  if (file === undefined) throw new Error('node wrote no profile');
  return join(folder, file);
}

const scaled = (micros: ReadonlyMap<string, number>, factor: number): ReadonlyMap<string, number> =>
  new Map([...micros].map(([name, value]) => [name, value * factor]));

const ROWS = 16;

export function profileTables({ posthorn, powertools }: Profile): string {
  const table = (title: string, ours: ReadonlyMap<string, number>, peers: ReadonlyMap<string, number>, divisor: number) => {
    const names = [...new Set([...ours.keys(), ...peers.keys()])].toSorted(
      (a, b) => (peers.get(b) ?? 0) + (ours.get(b) ?? 0) - (peers.get(a) ?? 0) - (ours.get(a) ?? 0),
    );
    const cell = (micros = 0) => (micros / divisor).toFixed(1);
    const rows = names.slice(0, ROWS).map((name) => [name, cell(ours.get(name)), cell(peers.get(name))]);
    return textTable([title, 'posthorn', 'powertools'], [...rows, ['in all', cell(total(ours)), cell(total(peers))]]);
  };
  return [
    table('a message, warm (us)', posthorn.message, powertools.message, 1),
    table('import and initialisation (ms)', posthorn.start, powertools.start, 1_000),
    'Sampled by wall clock: a row may include time in which another process used the core.',
  ].join('\n');
}
