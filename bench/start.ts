import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { machine, machineLine } from './machine.ts';
import { textTable } from './text-table.ts';

// Measures a start of `posthorn dev` in a copy of this project, an edit until its deployment, and `cdk synth` alone.

const ROOT = join(import.meta.dirname, '..');
const PARTS = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json', 'events', 'functions', 'infra'];
const AGENT = 'functions/agents/order-processing/agent.ts';
const BIN = join(ROOT, 'node_modules/.bin');

const project = await mkdtemp(join(tmpdir(), 'posthorn-start-'));
try {
  for (const part of PARTS) await cp(join(ROOT, part), join(project, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  const synth = await run(join(BIN, 'cdk'), ['synth', '--quiet']);
  const first = await run(join(BIN, 'node'), [join(ROOT, 'cli/bin.mjs'), 'dev', '--port', '0', '--once', '--no-samples']);
  const again = await run(join(BIN, 'node'), [join(ROOT, 'cli/bin.mjs'), 'dev', '--port', '0', '--once', '--no-samples']);
  const edits = await editsUntilDeployed(5);
  const seconds = (value: number | string | undefined) => `${Number(value).toFixed(1)} s`;
  const readyOf = ({ output }: { readonly output: string }) => /ready in ([\d.]+) s/.exec(output)?.[1];
  console.log(
    textTable(
      ['', 'until'],
      [
        ['cdk synth, to its end', seconds(synth.seconds)],
        ['first start, ready', seconds(readyOf(first))],
        ['start with nothing changed, ready', seconds(readyOf(again))],
        ['edit of an agent, live (median of 5)', seconds(edits.toSorted((one, other) => one - other)[2])],
      ],
    ),
  );
  console.log(machineLine(machine()));
} finally {
  await rm(project, { recursive: true });
}

async function run(command: string, args: readonly string[]): Promise<{ readonly seconds: number; readonly output: string }> {
  const begunMs = performance.now();
  const child = spawn(command, [...args], { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((ended, fail) => child.once('error', fail).once('close', ended));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output}`);
  return { seconds: (performance.now() - begunMs) / 1_000, output: stripVTControlCharacters(output) };
}

/** From the write of the file until the terminal shows that the new version is deployed. */
async function editsUntilDeployed(times: number): Promise<readonly number[]> {
  const child = spawn(join(BIN, 'node'), [join(ROOT, 'cli/bin.mjs'), 'dev', '--port', '0', '--no-samples'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let notify = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    notify();
  });
  const shown = async (what: RegExp) => {
    while (!what.test(stripVTControlCharacters(output))) await new Promise<void>((resolve) => (notify = resolve));
    output = '';
  };
  try {
    const code = await readFile(join(project, AGENT), 'utf8');
    const seconds: number[] = [];
    await shown(/ends the mesh/);
    for (let nth = 0; nth <= times; nth++) {
      const begunMs = performance.now();
      await writeFile(join(project, AGENT), code.replace('order.charged', `order.charged.${nth}`));
      await shown(/updated +order-processing/);
      // The first edit may happen before the waiting process is ready.
      if (nth > 0) seconds.push((performance.now() - begunMs) / 1_000);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
    return seconds;
  } finally {
    child.kill('SIGINT');
    await new Promise((ended) => child.once('close', ended));
  }
}
