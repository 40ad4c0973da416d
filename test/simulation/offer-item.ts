import type { KnownOffer } from './history.ts';

/** Values that somebody's hand, or another version of the mesh, has left in an item. */
export const ODD_FORMS = [
  'no-version',
  'word-version',
  'short-version',
  'pre-release',
  'heavy',
  'negative',
  'no-weight',
  'health-text',
  'health-form',
  'health-share',
  'newer-attributes',
] as const;

export type OddForm = (typeof ODD_FORMS)[number];

interface Standing {
  readonly capability: string;
  readonly agent: string;
  readonly version: string;
  readonly weight: number;
  readonly health: Pick<KnownOffer, 'p95Ms' | 'errorShare' | 'ejectedUntil'> | undefined;
}

interface Written {
  /** As the table has it, unmarshalled. */
  readonly item: unknown;
  readonly means: KnownOffer;
}

/** What the probe writes beside what decides. */
const REST_OF_HEALTH = { at: 0, messages: 10, inRow: 2, isBad: false, ejections: 0 };

/** An item of the table of offers, maybe with an odd value, and what the documents say that it means. */
export function offerItem({ capability, agent, version, weight, health }: Standing, odd: OddForm | undefined): Written {
  const item = {
    ...{ capability, agent, declared: JSON.stringify({ version }), revision: 1, weight },
    ...(health !== undefined && { health: JSON.stringify({ ...REST_OF_HEALTH, ...health }) }),
  };
  const means: KnownOffer = { agent, version, weight, ...health };
  const of = (value: string): Written => ({
    item: { ...item, declared: JSON.stringify({ version: value }) },
    means: { ...means, version: value },
  });
  const withHealth = (value: object | string): Written => ({
    item: { ...item, health: typeof value === 'string' ? value : JSON.stringify(value) },
    means: { agent, version, weight },
  });
  switch (odd) {
    case undefined:
      return { item, means };
    case 'no-version':
      return of('');
    case 'word-version':
      return of('latest');
    case 'short-version':
      return of('2.1');
    case 'pre-release':
      return of('3.0.0-rc.1');
    case 'heavy':
      return { item: { ...item, weight: 250 }, means: { ...means, weight: 100 } };
    case 'negative':
      return { item: { ...item, weight: -5 }, means: { ...means, weight: 0 } };
    case 'no-weight': {
      const { weight: _, ...rest } = item;
      return { item: rest, means: { ...means, weight: 100 } };
    }
    case 'health-text':
      return withHealth('bad');
    case 'health-form':
      return withHealth({ ejected: { until: Number.MAX_SAFE_INTEGER } });
    case 'health-share':
      return withHealth({ ...REST_OF_HEALTH, ...health, errorShare: 7 });
    case 'newer-attributes':
      return { item: { ...item, rollout: JSON.stringify({ to: agent }), region: ['eu'] }, means };
  }
}
