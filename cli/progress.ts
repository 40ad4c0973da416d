import { SingleBar } from 'cli-progress';

/** Shows how far a long piece of work is. */
export interface Progress {
  /** @param done units so far, of the total */
  update(done: number, count: number): void;
  /** Takes the bar away. */
  stop(): void;
}

/** Work that ends sooner needs no bar. */
const PATIENCE_MS = 400;

/**
 * A progress bar on stderr, where that is a terminal; elsewhere nothing.
 *
 * @param total in the units of {@link Progress.update}; `undefined` when it is not known: only the count is shown
 */
export function progress(title: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const format = total === undefined ? `${title} {count}` : `${title} {bar} {percentage}% {count} (about {eta_formatted} left)`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true, etaBuffer: 100 });
  const begun = performance.now();
  let shown = false;
  return {
    update(done, count) {
      if (!shown && performance.now() - begun < PATIENCE_MS) return;
      if (!shown) bar.start(total ?? 1, 0, { count });
      shown = true;
      bar.update(Math.min(done, total ?? 0), { count: count.toLocaleString('en') });
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}
