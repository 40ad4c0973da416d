import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CloudMessage, CloudRequest } from './processes-cloud.ts';

/** How an orphan may at most outlive its cloud: a batch's time, and some for starting. */
const ORPHAN_SECONDS = 20;

/** The cloud's process and its agents' processes: those that are killed. */
export class Victims {
  readonly #assemblyDirectory: string;
  readonly #dataDirectory: string;
  readonly #seenPids = new Set<number>();
  readonly log: string[] = [];
  #child: ChildProcess | undefined;
  #port = 0;
  /** Agent processes that were killed while they had a batch. */
  workerKills = 0;
  cloudKills = 0;
  /** Invocations that ended with their process, as the cloud saw it. */
  crashedInvocations = 0;
  invocations = 0;

  constructor(assemblyDirectory: string, dataDirectory: string) {
    this.#assemblyDirectory = assemblyDirectory;
    this.#dataDirectory = dataDirectory;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts the cloud, after the first time on the same port and data. */
  async start(): Promise<void> {
    const child = fork(join(import.meta.dirname, 'processes-cloud.ts'), [this.#assemblyDirectory, this.#dataDirectory, String(this.#port)]);
    this.#child = child;
    const started = Promise.withResolvers<void>();
    child.on('message', (message: CloudMessage) => {
      if (message.type === 'log') this.log.push(message.line);
      else if (message.type === 'invocation') {
        this.invocations++;
        if (message.outcome === 'crashed') this.crashedInvocations++;
      } else if (message.type === 'started') {
        this.#port = message.port;
        started.resolve();
      }
    });
    child.once('exit', (code, signal) => started.reject(new Error(`the cloud ended at its start (${code ?? signal})`)));
    await started.promise;
  }

  /** Kills an agent's process that is handling a batch. @returns whether it found one */
  async killWorker(): Promise<boolean> {
    const busy = (await this.#workers()).filter(({ isBusy }) => isBusy);
    const victim = busy[Math.floor(Math.random() * busy.length)];
    if (victim === undefined || !kill(victim.pid)) return false;
    this.workerKills++;
    return true;
  }

  /** Kills the cloud, with messages in the hands of its agents, which it leaves behind as orphans, and starts it again. */
  async killCloud(): Promise<void> {
    await this.#workers();
    const child = this.#running();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.cloudKills++;
    await this.start();
  }

  /** Ends the cloud in peace. @returns pids of processes that are still there, killed now */
  async stop(): Promise<readonly number[]> {
    const child = this.#running();
    const ended = once(child, 'exit');
    this.#ask('stop');
    await ended;
    return this.#orphans();
  }

  /** Whatever went wrong: nothing is left running. */
  async abandon(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    for (const pid of this.#seenPids) kill(pid);
  }

  async #orphans(): Promise<readonly number[]> {
    const deadline = performance.now() + ORPHAN_SECONDS * 1_000;
    const alive = () => [...this.#seenPids].filter((pid) => isRunning(pid));
    while (alive().length > 0 && performance.now() < deadline) await setTimeout(100);
    const left = alive();
    left.forEach(kill);
    return left;
  }

  async #workers(): Promise<readonly { readonly pid: number; readonly isBusy: boolean }[]> {
    const child = this.#running();
    const answer = Promise.withResolvers<Extract<CloudMessage, { type: 'workers' }>['workers']>();
    const listen = (message: CloudMessage) => {
      if (message.type === 'workers') answer.resolve(message.workers);
    };
    child.on('message', listen);
    this.#ask('workers');
    const workers = await answer.promise;
    child.off('message', listen);
    for (const { pid } of workers) this.#seenPids.add(pid);
    return workers;
  }

  #ask(request: CloudRequest): void {
    this.#running().send(request);
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error('the cloud is not started');
    return this.#child;
  }
}

const isRunning = (pid: number): boolean => signal(pid, 0);
const kill = (pid: number): boolean => signal(pid, 'SIGKILL');

/** @returns whether there was such a process */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
