import type { Delivery } from '../delivery.ts';
import { findSuspects, type Redelivered } from './find-suspects.ts';

/** What must be left of an invocation to begin with a suspect. */
const MIN_SUSPECT_SHARE = 0.25;

/** What must be left to begin with messages that needed more than a whole invocation before: with less they would fail again. */
const MIN_SLOW_SHARE = 0.5;

/** Deliveries that are begun under one rule. */
export interface Phase {
  readonly deliveries: readonly Delivery[];
  readonly order: 'side by side' | 'one by one';
  readonly areSuspects: boolean;
  /** The share of the invocation's time that must be left to begin. 0: they begin in any case. */
  readonly minShareLeft: number;
}

/** The phases of a batch, in order: messages whose receives are all accounted for, then suspects, then slow messages. */
export function planBatch(deliveries: readonly Delivery[], redelivered: readonly Redelivered[]): readonly Phase[] {
  const { suspects, slow } = findSuspects(redelivered);
  const others = deliveries.filter((delivery) => !suspects.includes(delivery) && !slow.includes(delivery));
  return [
    { deliveries: others, order: 'side by side', areSuspects: false, minShareLeft: 0 },
    { deliveries: suspects, order: 'one by one', areSuspects: true, minShareLeft: MIN_SUSPECT_SHARE },
    { deliveries: slow, order: 'side by side', areSuspects: false, minShareLeft: MIN_SLOW_SHARE },
  ];
}

/** Room before the function's own timeout for recording what did not end in time. */
const MARGIN_SHARE = 0.15;
const MAX_MARGIN_MS = 2_000;

/** The share of that margin that messages may use. One that has not ended by then is reported as failed, so that its neighbours are not. */
const LAST_CALL_SHARE = 0.75;

/** The times of an invocation, in epoch milliseconds. */
export interface InvocationTimes {
  readonly startedAt: number;
  /** Handlers must have ended. */
  readonly deadlineAt: number;
  /** The response is returned, even if handlers still run. */
  readonly lastCallAt: number;
  /** Lambda ends the invocation. */
  readonly endsAt: number;
}

/** @param remainingMs until Lambda ends the invocation */
export function planTimes(startedAt: number, remainingMs: number): InvocationTimes {
  const endsAt = startedAt + remainingMs;
  const marginMs = Math.min(MAX_MARGIN_MS, remainingMs * MARGIN_SHARE);
  return { startedAt, deadlineAt: endsAt - marginMs, lastCallAt: endsAt - marginMs * (1 - LAST_CALL_SHARE), endsAt };
}
