import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the document shows. */
export const SCENES = ['trace', 'stuck', 'dlq', 'top', 'metrics'] as const;

export type Scene = (typeof SCENES)[number];

/** A command, and what it prints. */
export interface Shown {
  readonly command: string;
  readonly text: string;
}

export const SIGNALS_FILE = join(import.meta.dirname, '../../../../docs/signals.md');

const blockOf = (scene: Scene) => new RegExp(`(?<=<!-- run: ${scene} -->\n)\`\`\`\n\\$ (.*)\n([\\s\\S]*?)\n\`\`\`(?=\n<!-- end -->)`);

/** What the document shows of each scene. @throws Error naming a scene that it does not show */
export function shownInDocument(markdown = readFileSync(SIGNALS_FILE, 'utf8')): Readonly<Record<Scene, Shown>> {
  const shown = (scene: Scene): Shown => {
    const [, command, text] = blockOf(scene).exec(markdown) ?? [];
    if (command === undefined || text === undefined) throw new Error(`docs/signals.md has no block of '${scene}'`);
    return { command, text };
  };
  return { trace: shown('trace'), stuck: shown('stuck'), dlq: shown('dlq'), top: shown('top'), metrics: shown('metrics') };
}

/** The document with what a run has shown. */
export const withRun = (markdown: string, run: Readonly<Record<Scene, Shown>>): string =>
  SCENES.reduce(
    (text, scene) => text.replace(blockOf(scene), () => `\`\`\`\n$ ${run[scene].command}\n${run[scene].text}\n\`\`\``),
    markdown,
  );

/** Each kind of line in a text, once: ids, times, numbers and bars are the same in all. */
export const kindsOfLines = ({ command, text }: Shown): readonly string[] =>
  [...new Set([command, ...unfolded(text).split('\n')].map(kindOf))].sort();

/** Where a line is folded, or cut, depends on the numbers in it. */
const unfolded = (text: string): string => text.replaceAll(/\n {13}(?=\S)|\n {4}(?=\S)/g, ' ').replaceAll(/(?<=: )[^:\n]*…/g, '…');

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'],
  [/order-\d+/g, 'ORDER'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/127\.0\.0\.1:\d+\S*/g, 'HOST'],
  [/(?<!\S)\d+[dhms]( \d+[hms])?(?![\w-])|[\d.]+ m?s\b/g, 'DURATION'],
  [/ +[░▒█·]+[░▒█· ]*/g, ' BAR '],
  [/state="[\w-]+"/g, 'STATE'],
  [/[\d.,]+%?/g, 'N'],
  [/(?<= )-(?= |$)/g, 'N'],
  [/ +/g, ' '],
];

const kindOf = (line: string): string => KINDS.reduce((text, [pattern, kind]) => text.replaceAll(pattern, kind), line).trim();
