import { setTimeout } from 'node:timers/promises';
import { MeshClient, type Rollout } from '../../../client/index.ts';
import { isUnderWay } from '../../../events/rollout.ts';
import { CliError } from '../../cli-error.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import type { RolloutTask } from './rollout-flags.ts';
import { rolloutLine, rolloutText } from './rollout-text.ts';

const POLL_MS = 1_000;

/** Does what is asked with a capability's rollout, and prints it with all agents of the capability. */
export async function rollout(capability: string, task: RolloutTask, wait: boolean, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    await change(mesh, capability, task);
    const last = wait ? await interruptible((signal) => untilItEnds(mesh, capability, signal, settings)) : undefined;
    await show(mesh, capability, task, settings);
    if (last?.state === 'rolled-back') throw new CliError(`the rollout of '${capability}' to '${last.to}' was rolled back: ${last.reason}`);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

async function change(mesh: MeshClient, capability: string, task: RolloutTask): Promise<void> {
  if (task.kind === 'weigh') await mesh.shift(capability, task.to, task.weight);
  else if (task.kind === 'start') await mesh.rollouts.start(capability, task);
  else if (task.kind !== 'show') await mesh.rollouts[task.kind](capability);
}

async function show(mesh: MeshClient, capability: string, task: RolloutTask, settings: Settings): Promise<void> {
  const [current, agents] = await Promise.all([mesh.rollouts.of(capability), mesh.findAgents({ capability })]);
  if (agents.length === 0)
    throw new CliError(`no agent offers '${capability}'`, { remedy: 'Deploy an agent with this capability, or check stage and prefix.' });
  // A weight that was set by hand has nothing to do with the last rollout.
  const shown = task.kind === 'weigh' ? undefined : current;
  if (settings.json) printJson({ capability, rollout: shown ?? null, agents });
  else console.log(rolloutText(shown, agents, Date.now()));
  if (task.kind !== 'show' && !settings.json)
    console.error('Busy processes use new weights within ten seconds, idle ones from their second message on.');
}

/** @returns the rollout as it ended; `undefined` if its agent has left the mesh */
async function untilItEnds(mesh: MeshClient, capability: string, signal: AbortSignal, settings: Settings): Promise<Rollout | undefined> {
  for (let shown = ''; ; await setTimeout(POLL_MS, undefined, { signal })) {
    const current = await mesh.rollouts.of(capability);
    if (current === undefined || !isUnderWay(current)) return current;
    const key = `${current.step} ${current.state}`;
    if (key !== shown && !settings.json) console.error(rolloutLine(current, Date.now()));
    shown = key;
  }
}
