import type { LoadReading } from '../../events/load-reading.ts';
import { burstOf, expectedPressure, FIRST_PACE, nextPace, type Pace, withoutReading } from './governor.ts';
import type { Pacing } from './pacing.ts';
import { SentLog } from './sent-log.ts';
import { TokenBucket } from './token-bucket.ts';

/** Between readings of an agent that the probe has not seen. */
const FIRST_INTERVAL_SECONDS = 5;

/** What is written by hand makes no hot loop, and no timer without end. */
const MIN_INTERVAL_SECONDS = 1;
const MAX_INTERVAL_SECONDS = 3_600;

/** What a governed pacing knows of its agent and its lane. */
export interface GovernedPacingPorts {
  /** What the mesh publishes about the agent; `undefined` where it publishes nothing yet. */
  read(): Promise<LoadReading | undefined>;
  /** A reading failed: the pacing goes on with the last one. */
  readFailed(error: unknown): void;
  /** Whether messages wait to be let through. */
  isNeeded(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once; the process does not wait for it. @returns cancels it */
  after(delayMs: number, callback: () => void): () => void;
}

/** The pace of the governor. It reads the load of the agent once an interval, for as long as there are messages. */
export class GovernedPacing implements Pacing {
  readonly #ports: GovernedPacingPorts;
  readonly #sent = new SentLog();
  /** Full at the first reading. */
  #bucket: TokenBucket | undefined;
  #pace: Pace = FIRST_PACE;
  #taken = 0;
  #following: Promise<void> | undefined;
  #cancelRead: (() => void) | undefined;
  #isClosed = false;

  constructor(ports: GovernedPacingPorts) {
    this.#ports = ports;
  }

  get ratePerSecond(): number | undefined {
    return this.#bucket && this.#pace.ratePerSecond;
  }

  get pressure(): number {
    return expectedPressure(this.#pace, this.#sentSinceReading(), this.#ports.now());
  }

  async ready(): Promise<void> {
    this.#following ??= this.#begin();
    await this.#following;
  }

  take(wanted: number): number {
    const now = this.#ports.now();
    const taken = this.#bucket?.take(wanted, now) ?? 0;
    this.#taken += taken;
    this.#sent.add(taken, now);
    return taken;
  }

  untilMs(wanted: number): number {
    return this.#bucket?.untilMs(wanted, this.#ports.now()) ?? 0;
  }

  untilPassedMs(count: number): number {
    return this.#bucket?.untilPassedMs(count, this.#ports.now()) ?? 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRead?.();
  }

  /** @throws what the first reading throws; later, the last one goes on */
  async #begin(): Promise<void> {
    if (this.#pace.reading !== undefined) return this.#read();
    try {
      this.#follow(await this.#ports.read());
    } catch (error) {
      this.#following = undefined;
      throw error;
    }
  }

  async #read(): Promise<void> {
    try {
      this.#follow(await this.#ports.read());
    } catch (error) {
      this.#follow(undefined);
      if (!this.#isClosed) this.#ports.readFailed(error);
    }
  }

  #follow(reading: LoadReading | undefined): void {
    const now = this.#ports.now();
    if (reading !== undefined && reading.at > (this.#pace.reading?.at ?? 0)) {
      this.#pace = nextPace(this.#pace, reading);
      this.#sent.forget(reading.at);
    } else this.#pace = withoutReading(this.#pace, this.#sentSinceReading(), now);
    const { ratePerSecond } = this.#pace;
    this.#bucket ??= new TokenBucket(ratePerSecond, now, burstOf(this.#pace));
    this.#bucket.setRate(ratePerSecond, now, burstOf(this.#pace));
    const seconds = this.#pace.reading?.intervalSeconds ?? FIRST_INTERVAL_SECONDS;
    if (this.#isClosed) return;
    const takenBefore = this.#taken;
    this.#cancelRead = this.#ports.after(Math.min(MAX_INTERVAL_SECONDS, Math.max(MIN_INTERVAL_SECONDS, seconds)) * 1_000, () => {
      if (this.#taken > takenBefore || this.#ports.isNeeded()) void this.#read();
      // The next message asks again.
      else this.#following = undefined;
    });
  }

  #sentSinceReading(): number {
    return this.#sent.since(this.#pace.reading?.at ?? 0);
  }
}
