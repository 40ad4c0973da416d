import { age } from './age.ts';
import { clipped } from './clipped.ts';

/** Shows the progress of long work. */
export interface Progress {
  /** @param done units done so far. @param details what else is said of it */
  update(done: number, count: number, details?: string): void;
  /** Removes the line. */
  stop(): void;
}

/** A title is cut to no less than this. */
const MIN_TITLE_COLUMNS = 8;

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
    update(done, count, details) {
      const now = performance.now();
      if (now - begunAt < PATIENCE_MS || now - (shownAt ?? 0) < INTERVAL_MS) return;
      shownAt = now;
      process.stderr.write(
        `${ERASE_LINE}${progressLine(title, { done, count, total, elapsedMs: now - begunAt, details }, process.stderr.columns)}`,
      );
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
  readonly details?: string | undefined;
}

/**
 * E.g. `sending to greeting: 42%, 4,200, about 12 s left`.
 *
 * @param columns the terminal's width: a longer title is cut, so that the line stays one
 */
export function progressLine(title: string, { done, count, total, elapsedMs, details }: ProgressState, columns = 80): string {
  const counted = [count.toLocaleString('en'), ...(details === undefined ? [] : [details])];
  const share = total === undefined || done <= 0 ? undefined : Math.min(1, done / total);
  const parts =
    share === undefined
      ? counted
      : [`${Math.floor(share * 100)}%`, ...counted, `about ${duration(Math.ceil((elapsedMs * (1 - share)) / share / 1_000))} left`];
  const state = parts.join(', ');
  return `${clipped(title, Math.max(MIN_TITLE_COLUMNS, columns - state.length - 3))}: ${state}`;
}

const duration = (seconds: number): string => (seconds < 120 ? `${seconds} s` : age(seconds * 1_000));
