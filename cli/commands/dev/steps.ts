import { styleText } from 'node:util';
import { Spinner } from 'listr2';

/** Says what is being done now. Disposing of it says that nothing is. */
export interface Steps extends Disposable {
  begin(step: string): void;
}

const ERASE_LINE = '\r\u001b[K';

/** On a terminal one line that turns and counts the seconds of the step, and leaves nothing behind; elsewhere a line for each step. */
export function showSteps(): Steps {
  if (!process.stdout.isTTY) return { begin: (step) => console.log(`${step} …`), [Symbol.dispose]: () => undefined };
  const spinner = new Spinner();
  let current: { readonly step: string; readonly since: number } | undefined;
  const draw = () => {
    if (current === undefined) return;
    const seconds = Math.floor((performance.now() - current.since) / 1_000);
    process.stdout.write(`${ERASE_LINE}${styleText('cyan', spinner.fetch())} ${styleText('dim', `${current.step} … ${seconds} s`)}`);
  };
  return {
    begin(step) {
      current = { step, since: performance.now() };
      if (!spinner.isRunning()) spinner.start(draw);
      draw();
    },
    [Symbol.dispose]() {
      current = undefined;
      spinner.stop();
      process.stdout.write(ERASE_LINE);
    },
  };
}
