/** The state of a worker. */
export interface IdleState {
  readonly isBusy: boolean;
  /** On the clock of `performance.now()`. */
  readonly idleSinceMs: number;
}

/** Each worker holds tens of megabytes. */
const IDLE_MS = 5_000;
/** The last one is what the next message meets warm. Lambda keeps workers for minutes, too. */
const LAST_IDLE_MS = 300_000;
/** Where nobody waits in line, or asks more often: Prometheus does so each 15 seconds. */
const UNFED_LAST_IDLE_MS = 20_000;

/** The workers of a function that have been idle for too long. */
export function idleTooLong<Worker extends IdleState>(
  workers: readonly Worker[],
  { nowMs, isFedByQueue }: { readonly nowMs: number; readonly isFedByQueue: boolean },
): readonly Worker[] {
  const lastIdleMs = isFedByQueue ? LAST_IDLE_MS : UNFED_LAST_IDLE_MS;
  const longestIdleFirst = workers.filter(({ isBusy }) => !isBusy).toSorted((a, b) => a.idleSinceMs - b.idleSinceMs);
  return longestIdleFirst.filter(({ idleSinceMs }, index) => {
    const isLast = index === workers.length - 1;
    return nowMs - idleSinceMs >= (isLast ? lastIdleMs : IDLE_MS);
  });
}
