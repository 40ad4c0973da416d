import { setTimeout as wait } from 'node:timers/promises';
import { type JourneySummary, MeshClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { waitingText } from '../../inbox-text.ts';
import { Inboxes, isPaused } from '../../inboxes.ts';
import { interruptible } from '../../interrupt.ts';
import { meshCommand } from '../../mesh-command.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { checkIds } from './check-ids.ts';
import type { TraceFlags } from './flags.ts';
import { JourneyPrinter } from './journey-printer.ts';
import { summaryText } from './summary-text.ts';

const POLL_MS = 1_000;

/**
 * Prints the hops of a journey. With `follow` it prints those that changed, until all have their outcome.
 *
 * @throws CliError when no message can have this id, or nothing is on record under it
 */
export async function trace(id: string, { follow, source }: TraceFlags, settings: Settings): Promise<void> {
  checkIds(id, source);
  const mesh = new MeshClient(settings);
  try {
    await interruptible(async (signal) => {
      const { exitCode } = process;
      const printer = new JourneyPrinter(id, settings, follow);
      const round = () => printer.print(mesh.journey(id, { source }), new Inboxes(mesh), signal);
      let summary = await round();
      if (summary.hops === 0 && !follow && !signal.aborted) throw await nothingOnRecord(id, mesh, settings);
      if (summary.hops === 0 && follow) console.error('Nothing is on record under this id yet: waiting for it, until Ctrl-C.');
      while (follow && !summary.isOver && !signal.aborted) {
        await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
        if (!signal.aborted) summary = await round();
      }
      if (settings.json) printJson({ summary: asRecord(summary) });
      else if (summary.hops > 0) console.log(`\n${summaryText(summary)}`);
      // Ctrl-C is an intended end of following.
      if (follow) process.exitCode = exitCode;
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

const asRecord = ({ hops, outcomes, open, notReceived, usage, wasted }: JourneySummary) => ({
  ...{ hops, ...outcomes, open, notReceived, usage, wasted },
});

async function nothingOnRecord(id: string, mesh: MeshClient, settings: Settings): Promise<CliError> {
  const flags = meshFlags(settings);
  const inboxes = new Inboxes(mesh);
  await inboxes.ask(await mesh.agents());
  const paused = inboxes.all.filter(isPaused);
  return new CliError(`nothing is on record under '${printableLine(id)}'`, {
    remedy: [
      'Give a whole id: a correlation id, the id of the first message, or that of a message of an agent.',
      'For the id of another message add --source. A trace id needs a mesh with the setting traceIndex.',
      `Its first message may not be received yet: ${meshCommand(['stuck', '--older-than', '0s'], flags)}`,
      ...paused
        .filter(({ visible }) => visible > 0)
        .map((inbox) => `${waitingText(inbox, Date.now())}: ${meshCommand(['resume', inbox.agent], flags)}`),
      'Records are kept for 30 days.',
    ].join('\n'),
  });
}
