import type { History } from '../history.ts';
import { checkDelivery } from './check-delivery.ts';
import { checkDiscovery } from './check-discovery.ts';
import { checkEffects } from './check-effects.ts';
import { checkLoads } from './check-loads.ts';
import { checkMetrics } from './check-metrics.ts';
import { checkOutcomes } from './check-outcomes.ts';
import { checkProducers } from './check-producers.ts';
import { checkRetries } from './check-retries.ts';
import { checkTokens } from './check-tokens.ts';
import { checkTrust } from './check-trust.ts';
import { Facts } from './facts.ts';

export interface Violation {
  /** What was promised. */
  readonly invariant: string;
  readonly detail: string;
}

/** Reports a broken promise. */
export type Report = (invariant: string, detail: string) => void;

/** Holds a finished history against the promises of the mesh. Knows nothing of the runtime but its documented records. */
export function checkHistory(history: History): Violation[] {
  const violations: Violation[] = [];
  const facts = new Facts(history);
  for (const check of [
    checkOutcomes,
    checkEffects,
    checkDelivery,
    checkRetries,
    checkTrust,
    checkTokens,
    checkMetrics,
    checkDiscovery,
    checkProducers,
    checkLoads,
  ]) {
    check(facts, (invariant, detail) => violations.push({ invariant, detail }));
  }
  return violations;
}
