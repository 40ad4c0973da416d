import type { Readable } from 'node:stream';
import type { Invocation, WorkerMessage } from './worker-messages.ts';

/** Runs one function: a thread, a child process, or this process. */
export interface Isolate {
  /** The process that it runs in: its own, or this one for a thread. */
  readonly pid: number;
  /** Unique in this run, e.g. `thread-4` or `process-8123`. */
  readonly id: string;
  send(invocation: Invocation): void;
  /** Ends it at once, even in an endless loop. */
  end(): Promise<void>;
}

export interface IsolateOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  onMessage(message: WorkerMessage): void;
  /** Called once, whatever ended it. */
  onExit(reason: string): void;
  onOutput(stream: 'stdout' | 'stderr', output: Readable): void;
}
