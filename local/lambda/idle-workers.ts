/** The state of a worker. */
export interface IdleState {
  readonly isBusy: boolean;
  /** On the clock of `performance.now()`. */
  readonly idleSinceMs: number;
}

/** How long a worker stays idle: each holds tens of megabytes. */
const IDLE_MS = 10_000;
/** The last worker stays longer, so that the next message finds a warm one. Lambda also keeps workers for minutes. */
const LAST_IDLE_MS = 300_000;

/** The workers of a function that have been idle for too long. */
export function idleTooLong<Worker extends IdleState>(workers: readonly Worker[], nowMs: number): readonly Worker[] {
  const longestIdleFirst = workers.filter(({ isBusy }) => !isBusy).toSorted((a, b) => a.idleSinceMs - b.idleSinceMs);
  return longestIdleFirst.filter(({ idleSinceMs }, index) => {
    const isLast = index === workers.length - 1;
    return nowMs - idleSinceMs >= (isLast ? LAST_IDLE_MS : IDLE_MS);
  });
}
