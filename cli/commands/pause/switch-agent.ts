import { setTimeout } from 'node:timers/promises';
import { MeshClient } from '../../../client/index.ts';
import { INBOX_RETENTION_DAYS } from '../../../events/inbox-retention.ts';
import { interruptible } from '../../interrupt.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';

const POLL_MS = 500;

/** Pauses or resumes an agent, waits until Lambda has done so, and prints what it means. */
export async function switchAgent(agent: string, isEnabled: boolean, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  const state = isEnabled ? 'enabled' : 'disabled';
  let waiting: number;
  try {
    await interruptible(async (signal) => {
      await mesh[isEnabled ? 'resume' : 'pause'](agent, { signal });
      await untilState(mesh, agent, state, signal);
    });
    const { visible, delayed } = await mesh.depth(agent, 'inbox');
    waiting = visible + delayed;
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
  if (settings.json) printJson({ agent, state, waiting });
  else console.log(isEnabled ? resumedText(agent, waiting) : pausedText(agent, waiting, settings));
}

async function untilState(mesh: MeshClient, agent: string, wanted: string, signal: AbortSignal): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const { state } = await mesh.mapping(agent);
    if (state === wanted) return;
    if (isFirst) console.error(`${agent} is ${state}: waiting for Lambda, which may need a minute`);
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

function pausedText(agent: string, waiting: number, settings: Settings): string {
  const command = ['posthorn resume', agent, meshFlags(settings)].filter((part) => part !== '').join(' ');
  return [
    `${agent} is paused: messages wait in its inbox (${counted(waiting)} now), and no receive is used.`,
    `SQS deletes messages that are older than ${INBOX_RETENTION_DAYS} days. Resume it with: npx ${command}`,
  ].join('\n');
}

function resumedText(agent: string, waiting: number): string {
  return `${agent} receives its messages (${counted(waiting)} in its inbox).`;
}

function counted(messages: number): string {
  return messages.toLocaleString('en');
}
