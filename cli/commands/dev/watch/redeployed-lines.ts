import { styleText } from 'node:util';
import { type MeshName, meshPrefix } from '../../../../events/names.ts';
import { printable } from '../../../printable.ts';
import type { Redeployed } from './redeploy.ts';

const INDENT = ' '.repeat(10);

/**
 * The terminal lines of an edit: the agents that it created, updated and removed, or the errors that prevented its deployment.
 *
 * @param afterError whether the previous edit failed: then an edit without an effect gets a line, too
 * @returns no line for an edit that changed nothing
 */
export function redeployedLines(redeployed: Redeployed, mesh: MeshName, seconds: number, afterError: boolean): readonly string[] {
  const time = new Date().toLocaleTimeString('en-GB');
  if ('errors' in redeployed) {
    const errors = printable(redeployed.errors).trimEnd().split('\n');
    return [`${time}  ${styleText('red', 'not deployed')}; the previous version keeps running:`, ...errors.map((line) => INDENT + line)];
  }
  const { created, updated, removed, doubled } = redeployed.report;
  const short = (name: string) => name.replace(`${meshPrefix(mesh)}-`, '');
  const list = (label: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `${time}  ${styleText('green', label)}  ${[...new Set(names.map(short))].join(', ')}  ${styleText('dim', `${seconds.toFixed(1)} s`)}`,
        ];
  const lines = [
    ...list('created', created),
    ...list('updated', updated),
    ...list('doubled', doubled),
    ...removed.flatMap(({ stackName, queues }) => {
      const held = queues.filter(({ messages }) => messages > 0).map(({ name, messages }) => `${short(name)} ${messages}`);
      const kept = held.length === 0 ? 'its queues are empty' : `its queues still hold messages: ${held.join(', ')}`;
      return [`${time}  ${styleText('yellow', 'removed')}  ${stackName}: its functions have stopped; ${kept}`];
    }),
  ];
  return lines.length === 0 && afterError ? [`${time}  ${styleText('green', 'fixed')}: the running version matches the files`] : lines;
}
