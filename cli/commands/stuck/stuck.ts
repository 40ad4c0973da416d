import { MeshClient, type StuckMessage } from '../../../client/index.ts';
import { hopJson } from '../../../client/journeys/hop-json.ts';
import { duration } from '../../duration.ts';
import { type Inbox, Inboxes, inboxJson } from '../../inboxes.ts';
import { interruptible } from '../../interrupt.ts';
import { meshCommand } from '../../mesh-command.ts';
import { meshFlags } from '../../mesh-flags.ts';
import { printJson } from '../../print-json.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { copyableWord } from '../../shell-word.ts';
import { stateText } from '../trace/hop-facts.ts';
import type { StuckFlags } from './flags.ts';
import { stuckTable } from './stuck-table.ts';
import { waitingInboxes } from './waiting-inboxes.ts';
import { waitsTooLong } from './waits-too-long.ts';

/** Prints the messages that do not move, and the inboxes whose messages wait. */
export async function stuck({ olderThan, agent, max }: StuckFlags, settings: Settings): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    await interruptible(async (signal) => {
      const agents = agent === undefined ? await mesh.agents() : [agent];
      const found: StuckMessage[] = [];
      for await (const message of mesh.stuck({ olderThanMs: olderThan, agent })) {
        if (found.length === max || signal.aborted) break;
        found.push(message);
      }
      const read = new Inboxes(mesh);
      await read.ask(agents);
      const inboxes = read.all.filter((inbox) => 'problem' in inbox || waitsTooLong(inbox, olderThan, Date.now()));
      if (settings.json) printRecords(found, inboxes);
      else print(found, inboxes, { olderThan, max }, settings);
    });
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

function printRecords(found: readonly StuckMessage[], inboxes: readonly Inbox[]): void {
  for (const { hop, since } of found) printJson({ message: { ...hopJson(hop), stuckSince: new Date(since).toISOString() } });
  for (const inbox of inboxes) printJson({ inbox: inboxJson(inbox) });
}

function print(
  found: readonly StuckMessage[],
  inboxes: readonly Inbox[],
  { olderThan, max }: Pick<StuckFlags, 'olderThan' | 'max'>,
  settings: Settings,
): void {
  const nowMs = Date.now();
  const columns = process.stdout.columns || undefined;
  if (found.length === 0) console.log(`No message with a record has stood still for ${duration(olderThan)}.`);
  else {
    const rows = found.map(({ hop, since }) => ({
      agent: printableLine(hop.agent),
      stillFor: duration(nowMs - since),
      id: printableLine(hop.id ?? hop.messageKey),
      why: printableLine(whyText({ hop, since }, nowMs)),
    }));
    console.log(stuckTable(rows, columns));
    if (found.length === max) console.log(`There may be more: --max lists more than ${max}.`);
    const [id] = found.flatMap(({ hop: { correlationId } }) => (correlationId === undefined ? [] : (copyableWord(correlationId) ?? [])));
    if (id !== undefined) console.log(`\n${meshCommand(['trace', id], meshFlags(settings))}`);
  }
  if (inboxes.length > 0) console.log(`\n${waitingInboxes(inboxes, { nowMs, columns, flags: meshFlags(settings) })}`);
}

/** Why a message does not move. */
function whyText({ hop }: StuckMessage, nowMs: number): string {
  const { state, attempts } = hop;
  const last = attempts.at(-1);
  const failed = last === undefined ? '' : `; attempt ${attempts.length}: ${last.code}: ${last.reason}`;
  if (state.kind === 'claimed') return `a process handles it, until ${duration(state.until - nowMs)} from now at most${failed}`;
  if (state.kind === 'due')
    return `${stateText(hop, nowMs)} since ${duration(nowMs - state.since)}: SQS has not delivered it again${failed}`;
  return `${stateText(hop, nowMs)}${failed}`;
}
