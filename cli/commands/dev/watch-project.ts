import { watch } from 'chokidar';

/** Editors write a file in steps, and tools many files. */
const QUIET_MS = 40;

export interface WatchOptions {
  readonly directory: string;
  readonly filesElsewhere: readonly string[];
  /** Leaves a file or folder out. */
  readonly isBeside: (path: string) => boolean;
  readonly signal: AbortSignal;
}

/** The changes of a project's files. Changes that come while the last ones are being dealt with come together. */
export interface ProjectWatch extends AsyncDisposable {
  /** @returns absolute paths; `undefined` when the signal has aborted */
  next(): Promise<readonly string[] | undefined>;
}

/** Watches a project. What changes before this has resolved may be missed. */
export async function watchProject({ directory, filesElsewhere, isBeside, signal }: WatchOptions): Promise<ProjectWatch> {
  const watcher = watch([directory, ...filesElsewhere], { ignored: (path) => isBeside(path), ignoreInitial: true });
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
  await new Promise<void>((ready, fail) => watcher.once('ready', ready).once('error', fail));
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
