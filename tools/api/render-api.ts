import { parseDoc } from './doc-comment.ts';
import type { EntryPoint, PublicSymbol } from './public-surface.ts';
import type { Declared } from './read-module.ts';

const HEAD = '<!-- Written by `npm run api` from the declarations. Edit the doc comments in the sources. -->';

const SECTIONS: readonly (readonly [Declared['kind'], string])[] = [
  ['function', 'Functions'],
  ['class', 'Classes'],
  ['constant', 'Constants'],
  ['type', 'Types'],
];

/**
 * The API reference, which is also the report of the public surface: a page for each entry point, and a page that lists them.
 *
 * @returns the pages by their file names
 */
export function renderApi(entryPoints: readonly EntryPoint[]): ReadonlyMap<string, string> {
  const pages = entryPoints.map((entryPoint) => [fileOf(entryPoint), pageOf(entryPoint)] as const);
  const list = entryPoints.map((entryPoint) => `- [\`${entryPoint.specifier}\`](${fileOf(entryPoint)}): ${firstSentence(entryPoint.doc)}`);
  return new Map([['README.md', `${HEAD}\n\n# API reference\n\n${list.map((line) => wrapped(line)).join('\n')}\n`], ...pages]);
}

const fileOf = ({ specifier }: EntryPoint): string => `${specifier.replaceAll('/', '-')}.md`;

const firstSentence = (doc: string): string => (/^.*?\.(?=\s|$)/s.exec(doc)?.[0] ?? doc).replaceAll('\n', ' ');

function pageOf({ specifier, doc, symbols }: EntryPoint): string {
  const sections = SECTIONS.flatMap(([kind, title]) => {
    const ofKind = symbols.filter(({ declarations }) => declarations[0]?.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1));
    return ofKind.length === 0 ? [] : [`## ${title}`, ...ofKind.map(symbolOf)];
  });
  return `${[HEAD, `# ${specifier}`, wrapped(doc), ...sections].join('\n\n')}\n`;
}

function symbolOf({ name, declarations }: PublicSymbol): string {
  const doc = parseDoc(declarations.map((declaration) => declaration.doc).join('\n'), name);
  const notes = [
    ...doc.params.map((text) => `- \`${text.replace(/\s.*$/s, '')}\`: ${text.replace(/^\S+\s*/, '')}`),
    ...doc.defaults.map((text) => `- Default: ${text}`),
    ...doc.returns.map((text) => `- Returns ${text}`),
    ...doc.throws.map((text) => `- Throws ${text}`),
    ...doc.see.map((text) => `- See ${text}`),
  ];
  const blocks = [
    `### ${name}`,
    wrapped(doc.description),
    `\`\`\`ts declaration\n${declarations.map(({ text }) => withoutPrivate(text)).join('\n')}\n\`\`\``,
    notes.map(wrapped).join('\n'),
    ...doc.examples.map((example) => `\`\`\`ts\n${example}\n\`\`\``),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

const withoutPrivate = (text: string): string => text.replaceAll(/^ *#private;\n/gm, '');

const MAX_COLUMNS = 120;

/** Wraps prose at 120 columns. Keeps paragraphs and list items apart, and does not change code. */
function wrapped(markdown: string): string {
  if (markdown.includes('```')) return markdown;
  return markdown
    .split(/\n(?=\n|[-*] |\d+\. )/)
    .map((block) => {
      const indent = /^([-*]|\d+\.) /.test(block) ? '  ' : '';
      const lines: string[] = [];
      for (const word of block.split(/\s+/).filter((text) => text !== '')) {
        const line = lines.at(-1);
        if (line !== undefined && line.length + 1 + word.length <= MAX_COLUMNS) lines[lines.length - 1] = `${line} ${word}`;
        else lines.push(lines.length === 0 ? word : indent + word);
      }
      return (block.startsWith('\n') ? '\n' : '') + lines.join('\n');
    })
    .join('\n');
}
