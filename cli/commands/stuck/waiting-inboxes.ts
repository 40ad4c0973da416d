import { folded } from '../../folded.ts';
import { waitingText } from '../../inbox-text.ts';
import type { Inbox } from '../../inboxes.ts';
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
export function waitingInboxes(inboxes: readonly Inbox[], { nowMs, columns = Infinity, flags }: Surroundings): string {
  const line = (text: string) => folded(printableLine(text), columns, 4);
  const known = inboxes.flatMap((inbox) => ('problem' in inbox ? [] : [inbox]));
  const problems = new Set(known.flatMap(({ snapshotsProblem }) => snapshotsProblem ?? []));
  return [
    ...inboxes.flatMap((inbox) => {
      if ('problem' in inbox) return [line(`${inbox.agent}: its inbox cannot be read: ${inbox.problem}`)];
      const text = line(waitingText(inbox, nowMs));
      return inbox.isPaused === true ? [text, `  ${meshCommand(['resume', inbox.agent], flags)}`] : [text];
    }),
    ...[...problems].map((problem) => line(`How long such messages wait is not known: ${problem}.`)),
    ...(known.every(({ isPaused }) => isPaused === true) ? [] : [`  ${meshCommand(['top', '--once'], flags)}`]),
  ].join('\n');
}
