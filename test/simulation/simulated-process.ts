import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { FaultKind } from './faults.ts';
import { latencyMs, type World } from './world.ts';

/** One run of an agent's function over a batch. */
export interface Invocation {
  readonly number: number;
  readonly endsAt: number;
  /** Lambda has its answer or has given it up. */
  isOver: boolean;
}

export type BatchHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** The service's part of a request: what it does, and what it answers. */
type Perform<Answer> = () => Answer;

/** How a request to one service may go wrong. */
export interface RequestFaults {
  readonly before?: readonly FaultKind[];
  readonly after?: readonly FaultKind[];
  readonly slow?: FaultKind;
}

/** A Lambda execution environment: it runs, hangs in a loop, is frozen for a while, or is dead and forgets everything. */
export class SimulatedProcess {
  readonly number: number;
  readonly version: number;
  readonly skewMs: number;
  readonly #world: World;
  #state: 'running' | 'looping' | 'dead' = 'running';
  #frozenUntil = 0;
  invocation: Invocation | undefined;
  /** Reports the process's death to Lambda. */
  onDeath: () => void = () => undefined;

  constructor(world: World, options: { readonly number: number; readonly version: number; readonly skewMs: number }) {
    this.#world = world;
    this.number = options.number;
    this.version = options.version;
    this.skewMs = options.skewMs;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.onDeath();
  }

  /** Synchronous code that never ends: nothing else runs in this process again. */
  loop(): void {
    if (this.#state === 'running') this.#state = 'looping';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  get isFrozen(): boolean {
    return this.#frozenUntil > this.#world.scheduler.now;
  }

  freeze(durationMs: number): void {
    this.#frozenUntil = this.#world.scheduler.now + durationMs;
  }

  /** Goes on with something in this process, once it can; never if it is dead. */
  resume(work: () => void): void {
    if (this.#state !== 'running') return;
    const { scheduler } = this.#world;
    if (this.isFrozen) scheduler.after(this.#frozenUntil - scheduler.now, () => this.resume(work));
    else work();
  }

  /** @returns cancels it */
  after(delayMs: number, work: () => void): () => void {
    return this.#world.scheduler.after(delayMs, () => this.resume(work));
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(durationMs, resolve);
    });
  }

  disturb(by: string): void {
    if (this.invocation) this.#world.note({ what: 'disturbed', invocation: this.invocation.number, by });
  }

  misuse(reason: string): void {
    this.#world.note({ what: 'misused', invocation: this.invocation?.number ?? -1, reason });
  }

  /** Whether the fault happens to what this process is doing now. */
  strikes(kind: FaultKind): boolean {
    if (!this.#world.faults.happens(kind)) return false;
    this.disturb(kind);
    return true;
  }

  /**
   * A request to a service. What is on the wire when the process dies still has its effect; its answer reaches nobody.
   *
   * @throws Error of the service, before or after the effect
   */
  request<Answer>(faults: RequestFaults, perform: Perform<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!this.isRunning) return;
      if (this.strikes('crash-before-request')) return this.kill();
      const { scheduler, timing } = this.#world;
      const slowMs = faults.slow && this.strikes(faults.slow) ? timing.integer(500, 40_000) : 0;
      const isRequestSlow = timing.chance(0.5);
      const arrivesMs = latencyMs(this.#world) + (isRequestSlow ? slowMs : 0);
      const refusal = faults.before?.find((kind) => this.strikes(kind));
      const loss = faults.after?.find((kind) => this.strikes(kind));
      scheduler.after(arrivesMs, () => {
        if (refusal) return void this.after(latencyMs(this.#world), () => reject(new Error(refusal)));
        const answer = perform();
        if (this.isRunning && this.strikes('crash-after-effect')) return this.kill();
        this.after(latencyMs(this.#world) + (isRequestSlow ? 0 : slowMs), () => {
          if (loss) reject(new Error(loss));
          else resolve(answer);
        });
      });
    });
  }
}
