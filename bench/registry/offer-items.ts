import { declaredOffer, FULL_WEIGHT } from '../../events/offer.ts';
import { ROLLOUT_ATTRIBUTE, type Rollout } from '../../events/rollout.ts';
import { probeHealth } from './probe-health.ts';

/** An item of the table of offers, as registry, probe and operators write it together. */
export type OfferAttributes = Readonly<Record<string, string | number>>;

const WRITTEN_AT = 1_795_685_032_988;
const VERSIONS = ['2.0.1', '2.1.0', '2.1.1', '2.2.0', '3.0.0'];
const health = JSON.stringify(probeHealth());

/** The id of an agent, as long as that of a real one. */
export const agentName = (capability: string, nth: number): string => `${capability}-${String(nth).padStart(5, '0')}`;

/** So many agents that offer a capability, all with a weight and with traffic. */
export const offerItems = (capability: string, count: number): readonly OfferAttributes[] =>
  Array.from({ length: count }, (_, nth) => ({
    capability,
    agent: agentName(capability, nth),
    declared: declaredOffer({ version: VERSIONS[nth % VERSIONS.length] ?? '2.0.1' }),
    revision: WRITTEN_AT + nth,
    weight: FULL_WEIGHT,
    health,
  }));

/** The same after a rollout to each of them, of which the last one is under way. */
export function offerItemsWithRollouts(capability: string, count: number): readonly OfferAttributes[] {
  const items = offerItems(capability, count);
  const before = Object.fromEntries(items.map(({ agent }) => [agent, FULL_WEIGHT]));
  return items.map((item, nth) => {
    const isLast = nth === count - 1;
    const rollout: Rollout = {
      ...{ to: String(item.agent), version: '2.0.1', steps: [10, 50, 100], everySeconds: 300 },
      ...{ startedAt: WRITTEN_AT, step: isLast ? 1 : 2, since: WRITTEN_AT + 300_000 },
      before: isLast ? before : {},
      state: isLast ? 'running' : 'done',
      seen: {
        at: WRITTEN_AT + 600_000,
        newer: { attempts: 8_616, failed: 111, p95Ms: 31.35 },
        older: { attempts: 8_617, failed: 111, p95Ms: 31.35 },
      },
    };
    return { ...item, [ROLLOUT_ATTRIBUTE]: JSON.stringify(rollout) };
  });
}
