import type { LoadReading } from '../../../events/load-reading.ts';

/** What is sent to an agent that receives nothing, messages each second. */
const TRICKLE = 0.1;

/** Where nothing is known of what an agent drains. */
const MOST_UNKNOWN = 100;
const FIRST = 10;

/** No rate is above what the agent drains by more than this; where nothing waits, it may be twice what it has drained. */
const MOST_EXCESS = 1.5;
const MOST_GROWTH = 2;

/** At once after a pause, where a message waits for less than half of the goal: as many as let the wait grow by so much of the goal. */
const BURST_SHARE = 0.1;
const HALF = 0.5;

/** A reading is stale after so many intervals, and no sooner than so. */
const STALE_INTERVALS = 3;
const MIN_STALE_SECONDS = 180;
const SECONDS_WITHOUT_READING = 5;

/** The simulation answers in this time, however slowly. */
const LONGEST_ANSWER_MS = 11_000;

/** What a producer has been told of an agent, and when. */
export interface Consultation {
  readonly at: number;
  readonly reading?: LoadReading;
  readonly error?: string;
}

/**
 * The most that a governed producer may send to one agent: the documented bounds of its rate, and of what it may send at once. Where the rate
 * may be less, the bucket has more than the producer's. After an idle time the lane knows what it knew.
 */
export class LaneRate {
  /** Messages each second; `undefined` before anything is known. */
  #most: number | undefined;
  #reading: LoadReading | undefined;
  readonly #isFixed: boolean;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #tokens = 0;
  #size = 1;
  #filledAt = 0;

  /** @param fixed messages each second, where no governor decides */
  constructor(fixed: number | undefined) {
    this.#isFixed = fixed !== undefined;
    if (fixed !== undefined) this.#limit(fixed, 0);
  }

  /** What it may send each second. */
  get most(): number | undefined {
    return this.#most;
  }

  consulted({ at, reading, error }: Consultation): void {
    this.#answeredAt = at;
    // What fails before anything is known leaves nothing known.
    if (error !== undefined && this.#most === undefined) return;
    if (reading !== undefined && reading.at > (this.#reading?.at ?? 0)) {
      this.#reading = reading;
      this.#limit(mostOf(reading), at, burstOf(reading));
      return;
    }
    const known = this.#reading;
    const isStale = known !== undefined && at - known.at >= Math.max(MIN_STALE_SECONDS, STALE_INTERVALS * known.intervalSeconds) * 1_000;
    const isQuiet = known === undefined || (known.backlog === 0 && (known.downstream?.pressure ?? 0) < 1);
    const most = this.#most ?? FIRST;
    this.#limit(isStale && !isQuiet ? Math.max(TRICKLE, most / 2) : most, at, known && burstOf(known));
  }

  /** Whether what it knows is no older than a reading and the next: it asks for as long as it sends. */
  isCurrent(at: number): boolean {
    if (this.#isFixed) return true;
    return at - this.#answeredAt <= (this.#reading?.intervalSeconds ?? SECONDS_WITHOUT_READING) * 1_000 + LONGEST_ANSWER_MS;
  }

  /** @returns whether it may send so many now */
  take(count: number, at: number): boolean {
    if (this.#most === undefined) return false;
    this.#fill(at);
    this.#tokens -= count;
    return this.#tokens > -1e-6;
  }

  #limit(most: number, at: number, burst = 0): void {
    const size = Math.max(1, most, burst);
    if (this.#most === undefined) this.#tokens = Math.max(size, this.#tokens);
    else this.#fill(at);
    this.#most = most;
    this.#size = size;
    this.#filledAt = at;
  }

  #fill(at: number): void {
    this.#tokens = Math.min(this.#size, this.#tokens + ((at - this.#filledAt) / 1_000) * (this.#most ?? 0));
    this.#filledAt = at;
  }
}

function mostOf(reading: LoadReading): number {
  const drain = drainOf(reading);
  if (isStalled(reading)) return TRICKLE;
  if (drain === 0) return MOST_UNKNOWN;
  return Math.max(TRICKLE, drain * MOST_EXCESS, reading.backlog === 0 ? reading.drainPerSecond * MOST_GROWTH : 0);
}

function burstOf(reading: LoadReading): number {
  const { backlog, goalSeconds, downstream } = reading;
  const drain = drainOf(reading);
  const pressure = Math.max(downstream?.pressure ?? 0, drain === 0 ? 0 : backlog / drain / goalSeconds);
  return isStalled(reading) || pressure >= HALF ? 0 : drain * goalSeconds * BURST_SHARE;
}

const drainOf = ({ backlog, drainPerSecond, capacityPerSecond = 0 }: LoadReading): number =>
  backlog > 0 && drainPerSecond > 0 ? drainPerSecond : Math.max(capacityPerSecond, drainPerSecond);

/** The agent, or the slowest further down, receives nothing. */
function isStalled(reading: LoadReading): boolean {
  const { backlog, goalSeconds, downstream } = reading;
  const drain = drainOf(reading);
  const isSlower = drain === 0 || (downstream?.pressure ?? 0) > backlog / drain / goalSeconds;
  return reading.isStalled || (downstream?.drainRatio === 0 && isSlower);
}
