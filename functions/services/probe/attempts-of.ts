import type { MetricsTotals } from '../../../events/metrics-record.ts';

/** How many attempts ended, and how many of them failed. A rejected message is at fault itself. */
export function attemptsOf({ counters: { processed, rejected, deadLettered, retries } }: MetricsTotals) {
  return { attempts: processed + rejected + deadLettered + retries, failed: deadLettered + retries };
}
