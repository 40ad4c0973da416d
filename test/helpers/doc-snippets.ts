import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A block of TypeScript in a document, as a file that can be compiled. */
export interface Snippet {
  /** `docs/cli.md/block-12.ts`; the name that the block's first line gives, if it gives one. */
  readonly file: string;
  /** On the lines that it has in the document. */
  readonly text: string;
  /** Whether it is compiled: `ts fragment` shows a part, `ts declaration` what the API reference documents. */
  readonly kind: 'code' | 'fragment' | 'declaration';
}

/** Every block of TypeScript in the repository's documents. @throws Error naming a block whose kind is unknown */
export function readSnippets(): readonly Snippet[] {
  return globSync(['*.md', 'docs/**/*.md', 'events/**/*.md', 'bench/*.md'], { cwd: root }).sort().flatMap(snippetsOf);
}

function snippetsOf(document: string): readonly Snippet[] {
  const markdown = readFileSync(join(root, document), 'utf8');
  const prelude = preludeOf(document, markdown);
  return [...markdown.matchAll(/^```(?:ts|typescript)(.*)\n([\s\S]*?)^```$/gm)].map(({ 1: info = '', 2: code = '', index }) => {
    const kind = { '': 'code', fragment: 'fragment', declaration: 'declaration' } as const;
    const word = info.trim();
    if (word !== '' && word !== 'fragment' && word !== 'declaration')
      throw new Error(`${document}: a block is marked 'ts ${word}'; known are 'ts', 'ts fragment' and 'ts declaration'`);
    const line = markdown.slice(0, index).split('\n').length;
    const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? `block-${line}.ts`;
    return { file: join(document, name), text: `${prelude(code)}export {};${'\n'.repeat(line)}${code}`, kind: kind[word] };
  });
}

/** On a page of the API reference, an example has the names of that page's entry point. */
function preludeOf(document: string, markdown: string): (code: string) => string {
  const specifier = /^# (posthorn\S*)$/m.exec(markdown)?.[1];
  if (!document.startsWith('docs/api/') || specifier === undefined) return () => '';
  const names = [...markdown.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
  return (code) => {
    const imported = [...code.matchAll(/^import .*$/gm)].join('\n');
    const needed = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`\\b${name}\\b`).test(imported));
    return needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${specifier}'; `;
  };
}
