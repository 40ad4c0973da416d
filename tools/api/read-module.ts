import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Comment, type Declaration, type ExportSpecifier, parseSync, type Statement, Visitor } from 'oxc-parser';

/** A name in a module: its declaration, or the next module to look in. */
export interface NameIn {
  readonly file: string;
  readonly name: string;
}

/** A declaration of a `.d.ts` file. Each overload of a function is one. */
export interface Declared {
  readonly kind: 'function' | 'class' | 'constant' | 'type';
  /** The TypeScript, without `export` and `declare`. */
  readonly text: string;
  /** The text of the doc comment without its asterisks; empty if it has none. */
  readonly doc: string;
  /** The declarations of this package that it refers to. */
  readonly references: readonly NameIn[];
}

/** The declarations and exports of a `.d.ts` file. */
export interface DeclarationModule {
  /** The file's first doc comment, if it has `@packageDocumentation`. */
  readonly doc: string;
  readonly declared: ReadonlyMap<string, readonly Declared[]>;
  readonly exported: ReadonlyMap<string, NameIn>;
}

/**
 * Reads a `.d.ts` file of the package.
 *
 * @param file absolute path
 * @throws Error naming the file when it cannot be parsed or uses an unsupported form of export
 */
export function readModule(file: string): DeclarationModule {
  const text = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, text, { lang: 'dts' });
  if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
  const scope = namesInScope(file, program.body);
  const references = referencesIn(file, program);
  const declared = new Map<string, Declared[]>();
  const exported = new Map<string, NameIn>();

  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration' || statement.type === 'ExportDefaultDeclaration')
      throw new Error(`${file}: export each public name by itself: no 'export *', no default export`);
    if (statement.type === 'ExportNamedDeclaration') {
      for (const specifier of statement.specifiers) {
        const [from, to] = [nameOf(specifier.local), nameOf(specifier.exported)];
        exported.set(
          to,
          statement.source === null ? (scope.get(from) ?? { file, name: from }) : target(file, statement.source.value, from),
        );
      }
    }
    const declaration = declarationOf(statement);
    if (declaration === undefined) continue;
    const { name, kind } = declaration;
    const inside = references.filter(({ at }) => at >= statement.start && at < statement.end);
    declared.set(name, [
      ...(declared.get(name) ?? []),
      {
        kind,
        text: text.slice(statement.start, statement.end).replace(/^(export )?(declare )?/, ''),
        doc: docBefore(statement.start, comments, text),
        references: inside.flatMap(({ to }) => (typeof to === 'string' ? (scope.get(to) ?? []) : to)).filter((to) => to.name !== name),
      },
    ]);
    if (statement.type === 'ExportNamedDeclaration') exported.set(name, { file, name });
  }
  const head = comments.find(({ value }) => value.includes('@packageDocumentation'));
  return { doc: head === undefined ? '' : uncommented(head).replace('@packageDocumentation', '').trim(), declared, exported };
}

/** Resolves each name that the file declares, or imports from this package. */
function namesInScope(file: string, statements: readonly Statement[]): ReadonlyMap<string, NameIn> {
  const scope = new Map<string, NameIn>();
  for (const statement of statements) {
    if (statement.type === 'ImportDeclaration' && statement.source.value.startsWith('.')) {
      for (const specifier of statement.specifiers) {
        if (specifier.type !== 'ImportSpecifier') throw new Error(`${file}: import names, not a whole module, of this package`);
        scope.set(specifier.local.name, target(file, statement.source.value, nameOf(specifier.imported)));
      }
    }
    const declaration = declarationOf(statement);
    if (declaration !== undefined) scope.set(declaration.name, { file, name: declaration.name });
  }
  return scope;
}

type Program = ReturnType<typeof parseSync>['program'];

interface Reference {
  readonly at: number;
  readonly to: string | NameIn;
}

function referencesIn(file: string, program: Program): readonly Reference[] {
  const references: Reference[] = [];
  const add = (node: { readonly type: string; readonly start: number }) => {
    let current: object = node;
    while ('left' in current && typeof current.left === 'object' && current.left !== null) current = current.left;
    while ('object' in current && typeof current.object === 'object' && current.object !== null) current = current.object;
    if ('name' in current && typeof current.name === 'string') references.push({ at: node.start, to: current.name });
  };
  new Visitor({
    TSTypeReference: ({ typeName }) => add(typeName),
    TSTypeQuery: ({ exprName }) => add(exprName),
    TSInterfaceHeritage: ({ expression }) => add(expression),
    TSClassImplements: ({ expression }) => add(expression),
    ClassDeclaration: ({ superClass }) => superClass !== null && add(superClass),
    TSImportType: ({ source, qualifier, start }) => {
      if (source.value.startsWith('.') && qualifier?.type === 'Identifier')
        references.push({ at: start, to: target(file, source.value, qualifier.name) });
    },
  }).visit(program);
  return references;
}

function declarationOf(statement: Statement | Declaration): { readonly name: string; readonly kind: Declared['kind'] } | undefined {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration === null ? undefined : declarationOf(statement.declaration);
    case 'TSDeclareFunction':
    case 'FunctionDeclaration':
      return statement.id === null ? undefined : { name: statement.id.name, kind: 'function' };
    case 'ClassDeclaration':
      return statement.id === null ? undefined : { name: statement.id.name, kind: 'class' };
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return { name: statement.id.name, kind: 'type' };
    case 'VariableDeclaration': {
      const [declarator] = statement.declarations;
      if (declarator?.id.type !== 'Identifier') return undefined;
      const type = declarator.id.typeAnnotation?.typeAnnotation.type;
      return { name: declarator.id.name, kind: type === 'TSFunctionType' ? 'function' : 'constant' };
    }
    default:
      return undefined;
  }
}

const nameOf = (name: ExportSpecifier['local']): string => (name.type === 'Literal' ? name.value : name.name);

/** Declarations keep the specifiers of their sources: `./agent.ts` is `./agent.d.ts` beside it. */
const target = (file: string, specifier: string, name: string): NameIn => ({
  file: resolve(dirname(file), specifier).replace(/\.[jt]s$/, '.d.ts'),
  name,
});

function docBefore(start: number, comments: readonly Comment[], text: string): string {
  const last = comments.findLast(({ end }) => end <= start);
  const isDoc = last?.type === 'Block' && last.value.startsWith('*') && !last.value.includes('@packageDocumentation');
  return isDoc && text.slice(last.end, start).trim() === '' ? uncommented(last) : '';
}

const uncommented = ({ value }: Comment): string =>
  value
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
