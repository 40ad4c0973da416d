import { PermanentError } from '../failure/errors.ts';

/** Above it, names that nobody uses now are forgotten: a name may have been made for one message. */
const MAX_NAMES = 1_000;

interface Limit {
  readonly maxCalls: number;
  running: number;
  /** In the order in which they get a turn. */
  readonly waiting: Set<() => void>;
}

/** How many calls of each name run at the same time. */
class Limits {
  readonly #limits = new Map<string, Limit>();

  #of(name: string, maxCalls: number): Limit {
    let limit = this.#limits.get(name);
    if (limit === undefined) {
      if (!(Number.isSafeInteger(maxCalls) && maxCalls > 0)) throw invalid(name, `${maxCalls} calls: give a whole number from 1`);
      if (this.#limits.size >= MAX_NAMES) for (const [idle, { running }] of this.#limits) if (running === 0) this.#limits.delete(idle);
      limit = { maxCalls, running: 0, waiting: new Set() };
      this.#limits.set(name, limit);
    }
    if (limit.maxCalls !== maxCalls) throw invalid(name, `${maxCalls} calls here and ${limit.maxCalls} elsewhere: give one number`);
    return limit;
  }

  /**
   * Runs `work` when it has a turn. The turn ends with the work, at the latest when the signal aborts: a call that hangs keeps nobody waiting.
   *
   * @throws PermanentError `InvalidLimit`; the signal's reason if it aborts first; what `work` throws
   */
  async run<Result>(name: string, maxCalls: number, signal: AbortSignal, work: () => Result | Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const limit = this.#of(name, maxCalls);
    if (limit.running < maxCalls) limit.running++;
    else await nextTurn(limit, signal);
    let hasTurn = true;
    const end = () => {
      if (!hasTurn) return;
      hasTurn = false;
      const [next] = limit.waiting;
      // A turn that is handed over keeps its place: nobody who comes now overtakes those who wait.
      if (next === undefined) limit.running--;
      else next();
    };
    signal.addEventListener('abort', end);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }
}

const limits = new WeakMap<object, Limits>();

/** The limits that all messages of a process share. @param runtime of the process: a test has several */
export function limitsOf(runtime: object): Limits {
  const shared = limits.get(runtime) ?? new Limits();
  limits.set(runtime, shared);
  return shared;
}

const nextTurn = ({ waiting }: Limit, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(begin);
      reject(signal.reason);
    };
    const begin = () => {
      waiting.delete(begin);
      signal.removeEventListener('abort', leave);
      resolve();
    };
    waiting.add(begin);
    signal.addEventListener('abort', leave);
  });

const invalid = (name: string, reason: string) => new PermanentError('InvalidLimit', `context.limit: '${name}' has ${reason}`);
