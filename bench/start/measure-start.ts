import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { median } from '../median.ts';
import { BIN, copyProject, devArguments, readySeconds } from './copy-project.ts';
import { runCommand } from './run-command.ts';

const AGENT = 'functions/agents/order-processing/agent.ts';
const NODE = join(BIN, 'node');

/** In seconds. */
export interface StartFigures {
  readonly synth: number;
  readonly firstStart: number;
  readonly startUnchanged: number;
  readonly edit: number;
}

/** Measures a start of `posthorn dev` in a copy of this project, an edit until its deployment, and `cdk synth` alone. */
export async function measureStart(): Promise<StartFigures> {
  await using project = await copyProject();
  const { folder } = project;
  const synth = await runCommand(join(BIN, 'cdk'), ['synth', '--quiet'], folder);
  const first = await runCommand(NODE, devArguments('--once'), folder);
  const again = await runCommand(NODE, devArguments('--once'), folder);
  const edit = median(await editsUntilDeployed(folder, 5));
  return { synth: synth.seconds, firstStart: readySeconds(first.output), startUnchanged: readySeconds(again.output), edit };
}

/** From the write of the file until the terminal shows that the new version is deployed. */
async function editsUntilDeployed(cwd: string, times: number): Promise<readonly number[]> {
  const child = spawn(NODE, [...devArguments()], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
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
    const code = await readFile(join(cwd, AGENT), 'utf8');
    const seconds: number[] = [];
    await shown(/ends the mesh/);
    for (let nth = 0; nth <= times; nth++) {
      const begunMs = performance.now();
      await writeFile(join(cwd, AGENT), code.replace('order.charged', `order.charged.${nth}`));
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
