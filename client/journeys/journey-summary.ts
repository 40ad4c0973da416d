import type { Outcome } from '../../events/ledger-record.ts';
import { type ModelUsage, sumUsage } from '../../events/model-usage.ts';
import type { Hop } from './hop.ts';

/** Adds up the hops of a journey, one by one. */
export class JourneySummary {
  readonly outcomes: Record<Outcome, number> = { processed: 0, rejected: 0, 'dead-lettered': 0 };
  /** Hops without an outcome that have left a record. */
  open = 0;
  /** Messages in outboxes that have left no record at their target. */
  notReceived = 0;
  /** By model, what all attempts used. */
  usage: readonly ModelUsage[] = [];
  /** By model, the part of {@link JourneySummary.usage} that failed attempts used: what retries and failures cost. */
  wasted: readonly ModelUsage[] = [];

  add({ outcome, state, usage, attempts }: Hop): void {
    if (outcome !== undefined) this.outcomes[outcome]++;
    else if (state.kind === 'not-received') this.notReceived++;
    else this.open++;
    const wasted = attempts.flatMap((attempt) => attempt.usage ?? []);
    if (usage.length + wasted.length === 0) return;
    this.usage = sumUsage([...this.usage, ...usage, ...wasted]);
    this.wasted = sumUsage([...this.wasted, ...wasted]);
  }

  /** Whether nothing more happens, unless somebody redrives a message. */
  get isOver(): boolean {
    return this.hops > 0 && this.open === 0 && this.notReceived === 0;
  }

  /** All hops. */
  get hops(): number {
    return this.open + this.notReceived + this.outcomes.processed + this.outcomes.rejected + this.outcomes['dead-lettered'];
  }
}
