import { meshCommand } from '../../mesh-command.ts';
import { meshFlags } from '../../mesh-flags.ts';
import type { Settings } from '../../settings.ts';
import { copyableWord } from '../../shell-word.ts';

/**
 * The command that follows the journey of an event. The source finds it also where a producer set its correlation id.
 *
 * @returns `undefined` for an id or a source that cannot be copied from a terminal
 */
export function traceLine({ id, source }: { readonly id: string; readonly source: string }, settings: Settings): string | undefined {
  const [idWord, sourceWord] = [copyableWord(id), copyableWord(source)];
  if (idWord === undefined || sourceWord === undefined) return undefined;
  return meshCommand(['trace', idWord, ...(source === '/posthorn/cli' ? [] : ['--source', sourceWord])], meshFlags(settings));
}
