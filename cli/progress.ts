/** Shows the progress of long work. */
export interface Progress {
  /** @param done units done so far */
  update(done: number, count: number): void;
  /** Removes the line. */
  stop(): void;
}

/** Shorter work shows nothing. */
const PATIENCE_MS = 400;
const INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001b[K';

/**
 * A line on stderr with the progress and the remaining time. Shows nothing if stderr is not a terminal.
 *
 * @param total in the units of {@link Progress.update}; if `undefined`, only the count is shown
 */
export function progress(title: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} };
  const begunAt = performance.now();
  let shownAt: number | undefined;
  return {
    update(done, count) {
      const now = performance.now();
      if (now - begunAt < PATIENCE_MS || now - (shownAt ?? 0) < INTERVAL_MS) return;
      shownAt = now;
      process.stderr.write(`${ERASE_LINE}${progressLine(title, { done, count, total, elapsedMs: now - begunAt })}`);
    },
    stop() {
      if (shownAt !== undefined) process.stderr.write(ERASE_LINE);
    },
  };
}

export interface ProgressState {
  readonly done: number;
  readonly count: number;
  readonly total: number | undefined;
  readonly elapsedMs: number;
}

/** E.g. `sending to greeting: 42%, 4,200, about 12 s left`. */
export function progressLine(title: string, { done, count, total, elapsedMs }: ProgressState): string {
  const counted = count.toLocaleString('en');
  if (total === undefined || done <= 0) return `${title}: ${counted}`;
  const share = Math.min(1, done / total);
  const secondsLeft = Math.ceil((elapsedMs * (1 - share)) / share / 1_000);
  return `${title}: ${Math.floor(share * 100)}%, ${counted}, about ${secondsLeft} s left`;
}
