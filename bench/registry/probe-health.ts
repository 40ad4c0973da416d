import { totalsOf } from '../../events/metrics-record.ts';
import type { OfferHealth } from '../../events/offer.ts';
import type { Snapshot } from '../../events/snapshot.ts';
import { judgeHealth } from '../../functions/services/probe/judge-health.ts';

const AT = 1_795_685_032_988;
const MINUTE_MS = 60_000;
const empty = { visible: 0, inFlight: 0, delayed: 0 };

/** An agent that handles 17,000 messages a minute, of which some fail. */
const snapshotAt = (minute: number): Snapshot => ({
  agent: 'sentiment-v2',
  version: '2.0.1',
  at: AT + minute * MINUTE_MS,
  intervalSeconds: 60,
  concurrency: 10,
  shards: 1,
  totals: totalsOf([
    { n: 17_233 * minute, p: 17_011 * minute, t: 222 * minute, w2: 9_001 * minute, w5: 8_010 * minute, h4: 17_011 * minute },
  ]),
  own: { counters: {}, timers: {}, models: {}, overflow: 0 },
  queues: { inbox: { ...empty, visible: 12, inFlight: 30 }, errors: empty, deadLetters: empty },
});

/** What the probe writes into the offers of an agent with traffic, after half an hour. */
export function probeHealth(): OfferHealth {
  let health: OfferHealth | undefined;
  for (let minute = 1; minute <= 30; minute++) {
    const last = health && { now: snapshotAt(minute - 1), health };
    health = judgeHealth({ now: snapshotAt(minute), before: snapshotAt(Math.max(0, minute - 5)) }, last);
  }
  if (health === undefined) throw new Error('the probe has not looked');
  return health;
}
