import type { TableLayout } from './memory-tables.ts';

export const LEDGER_TABLE = 'posthorn-bench-ledger';
export const IDEMPOTENCY_TABLE = 'idempotency';

/** The ledger as the state stack makes it, and the table of the Powertools documentation. */
export const layouts: Readonly<Record<string, TableLayout>> = {
  [LEDGER_TABLE]: {
    partitionKey: 'messageKey',
    index: { keys: ['traceId', 'startedAt'], included: ['agent', 'outcome', 'generation', 'error', 'attempts', 'endedAt', 'result'] },
  },
  [IDEMPOTENCY_TABLE]: { partitionKey: 'id' },
};
