import { type Draining, MeshClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { duration } from '../../duration.ts';
import { interruptible } from '../../interrupt.ts';
import { meshCommand } from '../../mesh-command.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';

interface DrainFlags {
  /** Milliseconds. */
  readonly settle?: number | undefined;
  readonly timeout?: number | undefined;
}

/** Withdraws an agent, waits until its inbox is empty, and shows how far it is whenever that changes. */
export async function drain(agent: string, { settle, timeout }: DrainFlags, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  const deadline = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
  let last: Draining | undefined;
  try {
    await interruptible(async (signal) => {
      const both = deadline === undefined ? signal : AbortSignal.any([signal, deadline]);
      for await (const draining of mesh.drain(agent, { settleSeconds: settle === undefined ? undefined : settle / 1_000, signal: both })) {
        if (!settings.json) for (const line of news(draining, last, settings)) console.error(line);
        if (last === undefined && (await mesh.inbox(agent)).isPaused === true) console.error(pausedText(agent, settings));
        last = draining;
      }
    });
  } catch (cause) {
    if (!deadline?.aborted || last === undefined) throw cause;
    throw new CliError(`${agent} is not empty after ${duration(timeout ?? 0)}: ${inboxText(last)}`, {
      cause,
      remedy: `It gets no new journeys. Wait on with: ${meshCommand(['drain', agent], meshFlags(settings))}`,
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
  const { capabilities = [], namedBy = [] } = last ?? {};
  if (settings.json) printJson({ agent, capabilities, namedBy, state: 'drained' });
  else console.log(`${agent} is drained: it has no messages, and gets no new journeys of ${capabilities.join(', ')}.`);
}

function news(now: Draining, last: Draining | undefined, settings: Settings): readonly string[] {
  const lines = last === undefined ? introduction(now, settings) : [];
  const isSame = last !== undefined && inboxText(last) === inboxText(now);
  return isSame ? lines : [...lines, `${now.agent}: ${inboxText(now)}`];
}

function introduction({ agent, capabilities, namedBy }: Draining, settings: Settings): readonly string[] {
  const back = meshCommand(['rollout', capabilities[0] ?? '', '--to', agent, '--weight', '100'], meshFlags(settings));
  return [
    `${agent} has the weight 0 for ${capabilities.join(', ')}. To undo it: ${back}`,
    ...(namedBy.length === 0 ? [] : [`${namedBy.join(', ')} name it in sendsTo, and go on sending to it: deploy them without it.`]),
  ];
}

function pausedText(agent: string, settings: Settings): string {
  return `${agent} is paused, so its inbox does not get empty. Resume it with: ${meshCommand(['resume', agent], meshFlags(settings))}`;
}

function inboxText({ inbox: { visible, inFlight, delayed } }: Draining): string {
  const waiting = visible + delayed;
  if (waiting + inFlight === 0) return 'its inbox is empty';
  return `${waiting.toLocaleString('en')} waiting, ${inFlight.toLocaleString('en')} in flight`;
}
