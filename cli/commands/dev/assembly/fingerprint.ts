import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageManifest } from '../../../package-manifest.ts';

export interface FingerprintOptions {
  readonly directory: string;
  /** Leaves a file or folder out. */
  readonly isUnrelated: (path: string) => boolean;
  /** Files outside the project that the app loaded last time. */
  readonly filesElsewhere: readonly string[];
  /** The app's other inputs, besides files. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Package managers write these files at every installation. */
const INSTALLED = ['.package-lock.json', '.modules.yaml', '.yarn-integrity', '.yarn-state.yml'];

/** These variables differ between terminals and commands, and no app reads them. */
const OF_THE_TERMINAL =
  /^(_|SHLVL|PWD|OLDPWD|INIT_CWD|COLUMNS|LINES|TERM\w*|COLORTERM|WINDOWID|SSH_\w+|TMUX\w*|STY|VSCODE_\w+|npm_(?!config_)\w+|NODE_COMPILE_CACHE)$/;

/**
 * Hashes every input of a synthesis: the project's files and the installed packages by path, size and time of last change; the versions
 * of Node and Posthorn; context and environment variables. Two syntheses with the same fingerprint give the same assembly.
 */
export async function fingerprint({ directory, isUnrelated, filesElsewhere, context, environment }: FingerprintOptions): Promise<string> {
  const installed = ancestors(directory).flatMap((folder) => INSTALLED.map((name) => join(folder, 'node_modules', name)));
  const files = [...(await filesIn(directory, isUnrelated, new Set())), ...filesElsewhere];
  const states = await Promise.all([
    ...files.map(async (path) => `${path} ${await stateOf(path)}`),
    ...installed.map(async (path) => `${path} ${await contentOf(path)}`),
  ]);
  const variables = Object.entries(environment).filter(([name]) => !OF_THE_TERMINAL.test(name));
  const all = [packageManifest().version, process.version, process.arch, context, variables.sort(byName), states.sort()];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32);
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1);

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** Follows links to folders, and visits each folder once. */
async function filesIn(folder: string, isUnrelated: (path: string) => boolean, seen: Set<string>): Promise<readonly string[]> {
  const real = await realpath(folder);
  if (seen.has(real)) return [];
  seen.add(real);
  const found = await Promise.all(
    (await readdir(folder, { withFileTypes: true })).map(async (entry) => {
      const path = join(folder, entry.name);
      if (isUnrelated(path)) return [];
      // A link to nothing is a file without a state.
      const isFolder = entry.isSymbolicLink() ? (await stat(path).catch(() => undefined))?.isDirectory() : entry.isDirectory();
      return isFolder ? filesIn(path, isUnrelated, seen) : [path];
    }),
  );
  return found.flat();
}

/** Stores of packages link and unlink these files, which changes their `ctime` and nothing else. */
const contentOf = (path: string): Promise<string> =>
  readFile(path).then(
    (content) => createHash('sha256').update(content).digest('hex'),
    () => 'missing',
  );

/** `ctime` is beyond the reach of tools that set a file's modification time. */
async function stateOf(path: string): Promise<string> {
  try {
    const { size, ctimeMs } = await stat(path);
    return `${size} ${ctimeMs}`;
  } catch {
    return 'missing';
  }
}
