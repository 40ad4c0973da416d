import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

interface VirtualTimer {
  cancel: () => void;
  keepsAlive: boolean;
  unref(): VirtualTimer;
}

/**
 * The clock, the timers and the chance of the machine, replaced by those of a simulation: what a client of the mesh uses has no ports for
 * them. Nothing else may run in the thread meanwhile.
 */
export class VirtualGlobals {
  readonly #scheduler: Scheduler;
  readonly #timers = new Set<VirtualTimer>();
  readonly #restore: () => void;
  /** No timer begins any more: what would wait for ever ends the simulation instead. */
  #isOver = false;

  constructor(scheduler: Scheduler, chance: Random) {
    this.#scheduler = scheduler;
    const { setTimeout, clearTimeout } = globalThis;
    const { now } = Date;
    const { random } = Math;
    this.#restore = () => {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      Object.assign(Date, { now });
      Object.assign(Math, { random });
    };
    Object.assign(globalThis, { setTimeout: this.#setTimeout, clearTimeout: this.#clearTimeout });
    Object.assign(Date, { now: () => scheduler.now });
    Object.assign(Math, { random: () => chance.fraction() });
  }

  /** Timers that a process would wait for. */
  get waitedFor(): number {
    return [...this.#timers].filter(({ keepsAlive }) => keepsAlive).length;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Gives the machine's own back. */
  restore(): void {
    this.#restore();
  }

  readonly #setTimeout = (callback: () => void, delayMs = 0): VirtualTimer => {
    const timer: VirtualTimer = {
      cancel: () => undefined,
      keepsAlive: true,
      unref() {
        timer.keepsAlive = false;
        return timer;
      },
    };
    this.#timers.add(timer);
    if (!this.#isOver)
      timer.cancel = this.#scheduler.after(delayMs, () => {
        this.#timers.delete(timer);
        callback();
      });
    return timer;
  };

  readonly #clearTimeout = (timer: VirtualTimer | undefined): void => {
    timer?.cancel();
    if (timer !== undefined) this.#timers.delete(timer);
  };
}
