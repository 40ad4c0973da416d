import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 100;

/** Of the kernel: its clock ticks a hundred times a second on all platforms that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process and all that it has started take. */
export interface TreeUse {
  /** The most memory that they had at one time, in MB. */
  readonly peakMb: number;
  /** CPU time, which other processes of the machine hardly change. */
  readonly cpuSeconds: number;
}

/** Looks at a process and all that it has started ten times a second. Linux only. */
export function watchTree(pid: number | undefined): Disposable & { use(): TreeUse } {
  let [peakMb, cpuSeconds] = [0, 0];
  const look = () => {
    if (pid === undefined) return;
    const now = treeNow(pid);
    peakMb = Math.max(peakMb, now.mb);
    cpuSeconds = Math.max(cpuSeconds, now.cpuSeconds);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    use() {
      look();
      return { peakMb, cpuSeconds };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The resident memory of a process and of all that it has started, in MB, and their CPU time so far. */
export function treeNow(pid: number): { readonly mb: number; readonly cpuSeconds: number } {
  const all = withChildren(pid);
  return { mb: all.reduce((sum, each) => sum + residentMb(each), 0), cpuSeconds: all.reduce((sum, each) => sum + cpuSecondsOf(each), 0) };
}

function withChildren(pid: number): readonly number[] {
  const children = tasksOf(pid).flatMap((task) => textOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return [pid, ...children.flatMap(withChildren)];
}

const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) / 1_000;

/** Its own, and that of its children which have ended. */
function cpuSecondsOf(pid: number): number {
  // The second field is the name, in parentheses, which may have spaces. The 14th to the 17th are times.
  const fields = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

/** Empty for a process that has ended. */
function tasksOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
