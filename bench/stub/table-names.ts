import { JOURNEY_INDEX_NAME, OPEN_INDEX_NAME } from '../../events/ledger-index.ts';
import type { TableLayout } from './memory-tables.ts';

export const LEDGER_TABLE = 'posthorn-bench-ledger';
export const REGISTRY_TABLE = 'posthorn-bench-registry';
export const METRICS_TABLE = 'posthorn-bench-metrics';
export const OFFERS_TABLE = 'posthorn-bench-offers';
export const IDEMPOTENCY_TABLE = 'idempotency';

/** The ledger of the state stack, and the table of the Powertools documentation. */
export const layouts: Readonly<Record<string, TableLayout>> = {
  [LEDGER_TABLE]: {
    partitionKey: 'messageKey',
    indexes: [
      { name: JOURNEY_INDEX_NAME, keys: ['journey', 'startedAt'], included: [] },
      { name: OPEN_INDEX_NAME, keys: ['open', 'since'], included: [] },
    ],
  },
  [REGISTRY_TABLE]: { partitionKey: 'kind', sortKey: 'id' },
  [METRICS_TABLE]: { partitionKey: 'series', sortKey: 'entry' },
  [OFFERS_TABLE]: { partitionKey: 'capability', sortKey: 'agent' },
  [IDEMPOTENCY_TABLE]: { partitionKey: 'id' },
};
