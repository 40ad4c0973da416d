import type { ModelUsage } from '../../../events/model-usage.ts';
import {
  countAttribute,
  counterNameAttribute,
  MAX_OWN_NAMES,
  OVERFLOW_ATTRIBUTE,
  sumMsAttribute,
  tokensAttribute,
} from '../../../events/own-metrics-record.ts';
import type { Logger } from '../ports.ts';
import type { Increments } from './increments.ts';

/** What a name may be: it becomes the value of a Prometheus label. */
const NAME_FORM = /^[^\p{Cc}\p{Cs}]{1,128}$/u;

/**
 * An agent's own counters and timers. Never throws, for a metric decides no outcome: what cannot be counted is left out with a warning,
 * once a name; what has one name too many is counted as overflow.
 */
export class OwnMetrics {
  readonly #increments: Increments;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #names = new Set<string>();
  /** Names for which the agent's metrics record has no room. */
  readonly #refused = new Set<string>();
  readonly #leftOut = new Set<string>();

  constructor(increments: Increments, logger: Pick<Logger, 'warn'>) {
    this.#increments = increments;
    this.#logger = logger;
  }

  count(name: string, increment: number): void {
    if (this.#takes(name, increment)) this.#increments.add(counterNameAttribute(name), increment);
  }

  duration(name: string, milliseconds: number): void {
    if (!this.#takes(name, milliseconds)) return;
    this.#increments.add(countAttribute(name), 1);
    this.#increments.add(sumMsAttribute(name), milliseconds);
  }

  /** @param isCommitted whether the attempt that used the model was committed; otherwise its tokens are wasted */
  usage({ model, inputTokens, outputTokens }: ModelUsage, isCommitted: boolean): void {
    if (!this.#takes(model, Math.max(inputTokens, outputTokens))) return;
    this.#increments.add(tokensAttribute(isCommitted ? 'inputTokens' : 'wastedInputTokens', model), inputTokens);
    this.#increments.add(tokensAttribute(isCommitted ? 'outputTokens' : 'wastedOutputTokens', model), outputTokens);
  }

  /** From now on, these names are overflow: other processes of the agent have used up its names. */
  leaveOut(names: readonly string[]): void {
    for (const name of names) {
      this.#names.delete(name);
      if (this.#refused.size < MAX_OWN_NAMES) this.#refused.add(name);
      this.#warn(name, USED_UP);
    }
  }

  #takes(name: string, value: number): boolean {
    // Agents in JavaScript may give anything.
    const fault = nameFault(name) ?? (value >= 0 && value <= Number.MAX_SAFE_INTEGER ? undefined : VALUE_FORM);
    if (fault !== undefined) this.#warn(String(name), fault);
    else if (this.#refused.has(name) || (!this.#names.has(name) && this.#names.size >= MAX_OWN_NAMES)) {
      this.#increments.add(OVERFLOW_ATTRIBUTE, 1);
      this.#warn(name, USED_UP);
    } else {
      this.#names.add(name);
      return true;
    }
    return false;
  }

  #warn(name: string, reason: string): void {
    if (this.#leftOut.has(name) || this.#leftOut.size >= MAX_OWN_NAMES) return;
    this.#leftOut.add(name);
    this.#logger.warn('a metric is left out', { metric: name.slice(0, 100), reason });
  }
}

const VALUE_FORM = `the value must be a number from 0 to ${Number.MAX_SAFE_INTEGER}`;

const USED_UP = `the agent has ${MAX_OWN_NAMES} counters, timers and models already: use fewer names`;

const nameFault = (name: unknown): string | undefined =>
  typeof name === 'string' && NAME_FORM.test(name) ? undefined : 'the name must be 1 to 128 characters without control characters';
