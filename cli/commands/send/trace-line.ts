import { meshFlags } from '../../mesh-flags.ts';
import { printableLine } from '../../printable.ts';
import type { Settings } from '../../settings.ts';
import { shellWord } from '../../shell-word.ts';

/** The command that follows the journey of an event. The source finds it also where a producer set its correlation id. */
export function traceLine({ id, source }: { readonly id: string; readonly source: string }, settings: Settings): string {
  const from = source === '/posthorn/cli' ? '' : `--source ${shellWord(printableLine(source))}`;
  return ['npx posthorn trace', shellWord(printableLine(id)), from, meshFlags(settings)].filter(Boolean).join(' ');
}
