import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { MeshClient } from '../../client/index.ts';
import { BIN, copyProject, devArguments, readySeconds } from './copy-project.ts';
import { treeNow } from './process-tree.ts';
import { type CommandRun, runCommand } from './run-command.ts';
import { agentId, writeAgents } from './write-agents.ts';

const NODE = join(BIN, 'node');
/** The collector has run by then. */
const SETTLED_MS = 15_000;

/** A project with so many agents. Seconds, CPU seconds and MB of all processes. */
export interface AgentsFigures {
  readonly agents: number;
  readonly synth: Figures;
  readonly firstStart: Figures;
  readonly startUnchanged: Figures;
  /** The mesh at rest, before any message. */
  readonly idleMb: number;
  /** A journey through all agents, one after the other, none of which was loaded before. */
  readonly journey: Figures;
}

interface Figures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mb: number;
}

const figuresOf = ({ cpuSeconds, peakMb }: CommandRun, seconds: number): Figures => ({ seconds, cpuSeconds, mb: peakMb });

/** Measures `cdk synth`, starts of `posthorn dev`, and a journey through all agents. */
export async function measureAgents(agents: number, onProgress: (step: string) => void): Promise<AgentsFigures> {
  await using project = await copyProject();
  const { folder } = project;
  await writeAgents(folder, agents);
  onProgress(`${agents} agents: cdk synth`);
  const synth = await runCommand(join(BIN, 'cdk'), ['synth', '--quiet'], folder);
  onProgress(`${agents} agents: starts`);
  const first = await runCommand(NODE, devArguments('--once'), folder);
  const again = await runCommand(NODE, devArguments('--once'), folder);
  onProgress(`${agents} agents: a journey`);
  return {
    agents,
    synth: figuresOf(synth, synth.seconds),
    firstStart: figuresOf(first, readySeconds(first.output)),
    startUnchanged: figuresOf(again, readySeconds(again.output)),
    ...(await journey(folder)),
  };
}

const upSchema = z.object({ endpoint: z.string(), region: z.string() });

async function journey(cwd: string): Promise<Pick<AgentsFigures, 'idleMb' | 'journey'>> {
  const child = spawn(NODE, [...devArguments('--no-watch', '--json')], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((end) => child.once('close', end));
  const now = () => treeNow(child.pid ?? 0);
  try {
    const lines = createInterface({ input: child.stdout });
    const { value } = await lines[Symbol.asyncIterator]().next();
    const { endpoint, region } = z.parse(upSchema, JSON.parse(String(value)));
    await using mesh = new MeshClient({ endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    await setTimeout(SETTLED_MS);
    const before = now();
    const begunMs = performance.now();
    await mesh.send(agentId(0), { text: 'numbers:' }, { type: 'text.numbered' });
    for await (const _reply of mesh.replies()) break;
    const seconds = (performance.now() - begunMs) / 1_000;
    const cpuSeconds = now().cpuSeconds - before.cpuSeconds;
    await setTimeout(SETTLED_MS);
    return { idleMb: before.mb, journey: { seconds, cpuSeconds, mb: now().mb } };
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}
