/** The exit codes that shells report for these signals. */
export const INTERRUPTED = 130;

const EXIT_CODES = { SIGINT: INTERRUPTED, SIGTERM: 143, SIGHUP: 129 } as const;

type Interruption = keyof typeof EXIT_CODES;

const INTERRUPTIONS: readonly Interruption[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** npm forwards a Ctrl-C that the terminal also sends to the command. A second signal within this time is the same Ctrl-C. */
const ECHO_MS = 500;

/**
 * Runs work that cleans up when it is interrupted. The first Ctrl-C (or SIGTERM, or the terminal's end) aborts the signal and sets the
 * exit code to 130 (143, 129). A second one ends the process.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let interruptedAt = 0;
  const interrupt = (signal: Interruption) => {
    if (!controller.signal.aborted) {
      interruptedAt = performance.now();
      process.exitCode = EXIT_CODES[signal];
      controller.abort();
    } else if (performance.now() - interruptedAt > ECHO_MS) {
      stopListening();
      process.kill(process.pid, signal);
    }
  };
  const stopListening = () => {
    for (const signal of INTERRUPTIONS) process.off(signal, interrupt);
  };
  for (const signal of INTERRUPTIONS) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    stopListening();
  }
}

/** The exit code of a process that was interrupted; otherwise `undefined`. */
export const interruptionCode = (): number | undefined => Object.values(EXIT_CODES).find((code) => code === process.exitCode);
