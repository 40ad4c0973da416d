import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type DeclarationModule, type Declared, type NameIn, readModule } from './read-module.ts';

export interface PublicSymbol {
  readonly name: string;
  readonly declarations: readonly Declared[];
}

/** A subpath of the package and what can be imported from it. */
export interface EntryPoint {
  /** The import specifier, e.g. `posthorn/lambda`. */
  readonly specifier: string;
  readonly doc: string;
  readonly symbols: readonly PublicSymbol[];
}

export interface PublicSurface {
  readonly entryPoints: readonly EntryPoint[];
  /** A sentence for each gap in the documentation or the exports; empty if there is none. */
  readonly problems: readonly string[];
}

const manifestSchema = z.object({
  name: z.string(),
  exports: z.record(z.string(), z.union([z.string(), z.looseObject({ types: z.string() })])),
});

/**
 * Reads what the package exports, from its declarations.
 *
 * @param packageFolder absolute path of a built package
 * @throws Error when a declaration file is missing or has an unsupported form
 */
export function readPublicSurface(packageFolder: string): PublicSurface {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')));
  const modules = new Map<string, DeclarationModule>();
  const moduleOf = (file: string): DeclarationModule => {
    const known = modules.get(file) ?? readModule(file);
    modules.set(file, known);
    return known;
  };
  /** Follows re-exports to the declaration. */
  const origin = ({ file, name }: NameIn): NameIn => {
    const { declared, exported } = moduleOf(file);
    const next = exported.get(name);
    return declared.has(name) || next === undefined ? { file, name } : origin(next);
  };

  const exportedOrigins = new Set<string>();
  const entryPoints = Object.entries(manifest.exports).flatMap(([subpath, target]): EntryPoint[] => {
    if (typeof target === 'string') return [];
    const { doc, exported } = moduleOf(join(packageFolder, target.types));
    const symbols = [...exported].map(([name, from]) => {
      const { file, name: declaredName } = origin(from);
      exportedOrigins.add(`${file} ${declaredName}`);
      return { name, declarations: moduleOf(file).declared.get(declaredName) ?? [] };
    });
    return [{ specifier: manifest.name + subpath.slice(1), doc, symbols }];
  });

  const isExported = (reference: NameIn): boolean => {
    const { file, name } = origin(reference);
    return exportedOrigins.has(`${file} ${name}`);
  };
  return { entryPoints, problems: entryPoints.flatMap((entryPoint) => problemsOf(entryPoint, isExported)) };
}

function problemsOf({ specifier, doc, symbols }: EntryPoint, isExported: (reference: NameIn) => boolean): readonly string[] {
  const problems = doc === '' ? [`${specifier} has no @packageDocumentation comment at its beginning`] : [];
  for (const { name, declarations } of symbols) {
    const where = `${name} of ${specifier}`;
    const docs = declarations.map((declaration) => declaration.doc).join('\n');
    if (declarations.length === 0) problems.push(`${where} is exported but not declared`);
    if (docs.trim() === '') problems.push(`${where} has no doc comment`);
    const isFunction = declarations.some(({ kind }) => kind === 'function');
    if (isFunction && !docs.includes('@example')) problems.push(`${where} has no @example`);
    const unexported = declarations.flatMap(({ references }) => references).filter((reference) => !isExported(reference));
    for (const missing of new Set(unexported.map((reference) => reference.name)))
      problems.push(`${where} mentions ${missing}, which no entry point exports`);
  }
  return problems;
}
