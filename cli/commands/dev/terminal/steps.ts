import { styleText } from 'node:util';

/** Shows the current step. Disposing of it clears the display. */
export interface Steps extends Disposable {
  begin(step: string): void;
  /** The step's progress; not shown in a pipe. */
  progress(detail: string): void;
}

const ERASE_LINE = '\r\u001b[K';
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** A terminal gets one line with a spinner and the seconds of the step, removed at the end. A pipe gets a line for each step. */
export function showSteps(): Steps {
  if (!process.stdout.isTTY) return { begin: (step) => console.log(`${step} …`), progress() {}, [Symbol.dispose]() {} };
  let current = { step: '', detail: '', sinceMs: 0 };
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    const elapsedMs = performance.now() - current.sinceMs;
    const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length];
    const text = `${current.step} … ${Math.floor(elapsedMs / 1_000)} s  ${current.detail}`.slice(0, process.stdout.columns - 3);
    process.stdout.write(`${ERASE_LINE}${styleText('cyan', frame ?? '')} ${styleText('dim', text)}`);
  };
  return {
    begin(step) {
      current = { step, detail: '', sinceMs: performance.now() };
      timer ??= setInterval(draw, FRAME_MS);
      draw();
    },
    progress(detail) {
      current = { ...current, detail };
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      if (timer !== undefined) process.stdout.write(ERASE_LINE);
      timer = undefined;
    },
  };
}
