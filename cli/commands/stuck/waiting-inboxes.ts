import type { InboxState } from '../../../client/index.ts';
import { folded } from '../../folded.ts';
import { waitingText } from '../../inbox-text.ts';
import { meshCommand } from '../../mesh-command.ts';
import { printableLine } from '../../printable.ts';

interface Surroundings {
  readonly nowMs: number;
  /** The width of the terminal; `undefined` where the output is none. */
  readonly columns: number | undefined;
  /** The options that find the mesh. */
  readonly flags: string;
}

/** Inboxes whose messages wait, as text, each with the command that helps. A command is one line, that it can be copied. */
export function waitingInboxes(inboxes: readonly InboxState[], { nowMs, columns = Infinity, flags }: Surroundings): string {
  const line = (text: string) => folded(printableLine(text), columns, 4);
  const problems = new Set(inboxes.flatMap(({ snapshotsProblem }) => snapshotsProblem ?? []));
  return [
    ...inboxes.flatMap((inbox) => [
      line(waitingText(inbox, nowMs)),
      ...(inbox.isPaused === true ? [`  ${meshCommand(['resume', inbox.agent], flags)}`] : []),
    ]),
    ...[...problems].map((problem) => line(`How long such messages wait is not known: ${problem}.`)),
    ...(inboxes.every(({ isPaused }) => isPaused === true) ? [] : [`  ${meshCommand(['top', '--once'], flags)}`]),
  ].join('\n');
}
