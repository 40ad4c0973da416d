import { randomUUID } from 'node:crypto';
import type { DeployedRule } from '../template/deployed.ts';
import { matchesPattern } from '../template/event-pattern.ts';
import type { Place } from '../template/resource-types.ts';
import type { AsyncInvocation } from './async-invocations.ts';

/** What an event tells. The rest of its form is the same for all. */
export interface EventContent {
  /** e.g. `aws.ssm` */
  readonly source: string;
  readonly detailType: string;
  /** ARNs */
  readonly resources: readonly string[];
  readonly detail: object;
}

/** `setInterval` takes no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The default event bus: it passes events on to the functions of the rules that match, and has rules' schedules.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export class EventRules {
  readonly #place: Place;
  readonly #invoke: (invocation: AsyncInvocation) => void;
  readonly #rateSeconds: Readonly<Record<string, number>>;
  readonly #byOwner = new Map<string, readonly DeployedRule[]>();
  readonly #timers = new Map<string, readonly NodeJS.Timeout[]>();
  /** The events of a deployment that is under way. */
  #held: EventContent[] | undefined;

  /** @param rateSeconds by rule name, in place of the schedule's rate. @default the rates */
  constructor(place: Place, invoke: (invocation: AsyncInvocation) => void, rateSeconds: Readonly<Record<string, number>> = {}) {
    this.#place = place;
    this.#rateSeconds = rateSeconds;
    this.#invoke = invoke;
  }

  emit(content: EventContent): void {
    if (this.#held !== undefined) {
      this.#held.push(content);
      return;
    }
    const event = this.#event(content);
    for (const rule of [...this.#byOwner.values()].flat()) {
      if (rule.pattern !== undefined && matchesPattern(rule.pattern, event)) this.#send(rule, event);
    }
  }

  /** Holds events back until `release`, so that no old function handles what its deployment causes. */
  hold(): void {
    this.#held ??= [];
  }

  /** Delivers the events that were held back. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const content of held) this.emit(content);
  }

  /**
   * Replaces an owner's rules, whose functions run. Each schedule begins now: the first invocation is due at once and not after the first
   * period, which a laptop may not live to see.
   */
  deploy(owner: string, rules: readonly DeployedRule[]): void {
    this.#stopSchedules(owner);
    this.#byOwner.set(owner, rules);
    this.#timers.set(
      owner,
      rules.flatMap((rule) => this.#schedule(rule) ?? []),
    );
  }

  stop(): void {
    for (const owner of this.#timers.keys()) this.#stopSchedules(owner);
    this.#byOwner.clear();
  }

  #schedule(rule: DeployedRule): NodeJS.Timeout | undefined {
    if (rule.everyMs === undefined) return undefined;
    const due = () =>
      this.#send(rule, this.#event({ source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} }));
    due();
    const seconds = this.#rateSeconds[rule.name];
    return setInterval(due, seconds === undefined ? Math.min(rule.everyMs, MAX_TIMER_MS) : seconds * 1_000).unref();
  }

  #stopSchedules(owner: string): void {
    for (const timer of this.#timers.get(owner) ?? []) clearInterval(timer);
    this.#timers.delete(owner);
  }

  #send({ name, targets }: DeployedRule, event: object): void {
    for (const { function: target, input = JSON.stringify(event) } of targets) {
      this.#invoke({ functionName: target.name, functionArn: target.arn, event: input, origin: `rule ${name}` });
    }
  }

  #event({ source, detailType, resources, detail }: EventContent): object {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: this.#place.accountId,
      time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      region: this.#place.region,
      resources,
      detail,
    };
  }
}
