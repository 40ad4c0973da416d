/**
 * Runs work that gives back what it holds when it is interrupted: the first Ctrl-C (or SIGTERM) aborts the signal and
 * makes the exit code 130, a second one ends the process.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const abort = () => {
    process.exitCode = INTERRUPTED;
    controller.abort();
  };
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}

/** What a shell reports for a command that Ctrl-C ended. */
export const INTERRUPTED = 130;
