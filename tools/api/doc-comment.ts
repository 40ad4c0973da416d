/** A doc comment in its parts, as Markdown. */
export interface DocComment {
  /** The text before the first tag. */
  readonly description: string;
  readonly params: readonly string[];
  readonly returns: readonly string[];
  readonly throws: readonly string[];
  readonly defaults: readonly string[];
  readonly see: readonly string[];
  /** TypeScript, without the fences. */
  readonly examples: readonly string[];
}

/**
 * Splits a doc comment into its parts.
 *
 * @param doc without its asterisks
 * @param name the documented symbol, for the error
 * @throws Error naming an unknown tag
 */
export function parseDoc(doc: string, name: string): DocComment {
  const parts = { param: [], returns: [], throws: [], default: [], see: [], example: [] } satisfies Record<string, string[]>;
  const lists: Readonly<Record<string, string[]>> = parts;
  const [description = '', ...tags] = doc.split(/^(?=@\w)/m);
  for (const tag of tags) {
    const [, word = '', text = ''] = /^@(\w+)\s*(.*)$/s.exec(tag) ?? [];
    const list = lists[word];
    if (list === undefined) throw new Error(`${name}: its doc comment has @${word}; allowed are ${Object.keys(parts).join(', ')}`);
    list.push(word === 'example' ? withoutFences(text) : linked(text.trim()));
  }
  return {
    description: linked(description.trim()),
    params: parts.param,
    returns: parts.returns,
    throws: parts.throws,
    defaults: parts.default,
    see: parts.see,
    examples: parts.example,
  };
}

const withoutFences = (text: string): string => text.trim().replace(/^```ts\n(.*)\n```$/s, '$1');

const linked = (text: string): string => text.replaceAll(/\{@link ([^}|]+)\}/g, '`$1`');
