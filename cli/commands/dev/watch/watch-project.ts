import { watch } from 'chokidar';
import { CliError } from '../../../cli-error.ts';

/** Editors write a file in several steps, and tools write many files: changes are collected for so long. */
const QUIET_MS = 40;

export interface WatchOptions {
  readonly directory: string;
  readonly filesElsewhere: readonly string[];
  /** Leaves a file or folder out. */
  readonly isUnrelated: (path: string) => boolean;
  readonly signal: AbortSignal;
  /** Called when some of the files can no longer be watched. */
  readonly onError: (error: unknown) => void;
}

/** The changes of a project's files. Changes that happen while the last ones are processed are reported together. */
export interface ProjectWatch extends AsyncDisposable {
  /** @returns absolute paths; `undefined` when the signal has aborted */
  next(): Promise<readonly string[] | undefined>;
}

/** Watches a project. Changes made before this resolves may be missed. @throws CliError when the project cannot be watched */
export async function watchProject({ directory, filesElsewhere, isUnrelated, signal, onError }: WatchOptions): Promise<ProjectWatch> {
  const watcher = watch([directory, ...filesElsewhere], { ignored: (path) => isUnrelated(path), ignoreInitial: true });
  const changed = new Set<string>();
  let settle: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => settle?.();
  watcher.on('all', (_event, path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(flush, QUIET_MS);
  });
  signal.addEventListener('abort', flush);
  const { promise: isReady, resolve: ready, reject: refuse } = Promise.withResolvers<void>();
  watcher.once('ready', ready).once('error', refuse);
  try {
    await isReady;
  } catch (cause) {
    await watcher.close();
    throw new CliError(`${directory} cannot be watched: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      remedy: 'Use --no-watch, or raise the limit that the message names (on Linux fs.inotify.max_user_watches).',
    });
  }
  watcher.on('error', onError);
  return {
    async next() {
      while (changed.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          settle = resolve;
        });
      }
      if (signal.aborted) return undefined;
      const paths = [...changed];
      changed.clear();
      return paths;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
