import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** CPU seconds since the process began, by the purpose of the thread. */
export interface CpuByThread {
  /** The event loop of the embedded cloud: queues, tables, HTTP, event sources. */
  readonly cloud: number;
  /** Agents' worker threads. */
  readonly workers: number;
  /** V8's collector and compiler, libuv's threads. */
  readonly engine: number;
}

const TASKS = '/proc/self/task';
const TICKS_PER_SECOND = 100;
const ENGINE_THREADS = /^(V8Worker|DelayedTaskSche|SignalInspector|libuv-worker)/;

/** Exact on Linux. Elsewhere every other thread than the event loop counts as a worker. */
export function cpuByThread(): CpuByThread {
  if (!existsSync(TASKS)) {
    const { user, system } = process.threadCpuUsage();
    const whole = process.cpuUsage();
    const cloud = (user + system) / 1e6;
    return { cloud, workers: (whole.user + whole.system) / 1e6 - cloud, engine: 0 };
  }
  const seconds = { cloud: 0, workers: 0, engine: 0 };
  for (const task of readdirSync(TASKS)) {
    const [name, ticks] = readTask(task);
    const kind = task === String(process.pid) ? 'cloud' : ENGINE_THREADS.test(name) ? 'engine' : 'workers';
    seconds[kind] += ticks / TICKS_PER_SECOND;
  }
  return seconds;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readTask(task: string): readonly [name: string, ticks: number] {
  const stat = readFileSync(`${TASKS}/${task}/stat`, 'utf8');
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const [user = '0', system = '0'] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return [name, Number(user) + Number(system)];
}
