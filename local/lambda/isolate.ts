import type { Readable } from 'node:stream';
import type { Invocation, WorkerMessage } from './worker-messages.ts';

/** A thread, a child process or this process that runs one function. */
export interface Isolate {
  /** The pid of its process: for a thread, this process. */
  readonly pid: number;
  /** Unique in this process, e.g. `thread-4` or `process-8123`. */
  readonly id: string;
  send(invocation: Invocation): void;
  /** Ends it at once, even in an endless loop. */
  end(): Promise<void>;
}

export interface IsolateOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  onMessage(message: WorkerMessage): void;
  /** Called once, at its end. */
  onExit(reason: string): void;
  onOutput(stream: 'stdout' | 'stderr', output: Readable): void;
}
