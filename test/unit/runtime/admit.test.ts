import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../events/ledger-record.ts';
import { type Admission, admit } from '../../../functions/runtime/ledger/admit.ts';

const NOW = 1_000;
const message = { generation: 1, digest: 'same' };

const record = (overrides: Partial<LedgerRecord> = {}): LedgerRecord => ({
  messageKey: 'testing /tests a',
  revision: 'r',
  agent: 'testing',
  generation: 1,
  digest: 'same',
  sender: 'AIDA',
  startedAt: 0,
  attempts: [],
  expiresAt: 0,
  ...overrides,
});

const claimUntil = (expiresAt: number) => ({ claim: { owner: 'another', expiresAt } });

describe('admit', () => {
  it.each<[string, LedgerRecord | undefined, Admission]>([
    ['has no record', undefined, 'handle'],
    ['has failed attempts only', record(), 'handle'],
    ['was processed', record({ outcome: 'processed' }), 'finished'],
    ['was rejected', record({ outcome: 'rejected' }), 'finished'],
    ['was dead-lettered', record({ outcome: 'dead-lettered' }), 'finished'],
    ['is claimed', record(claimUntil(NOW + 1)), 'claimed'],
    ['was claimed until now', record(claimUntil(NOW)), 'abandoned'],
    ['has other data', record({ digest: 'other' }), 'conflict'],
    ['has other data and is claimed', record({ digest: 'other', ...claimUntil(NOW + 1) }), 'conflict'],
    ['was redriven', record({ generation: 0, outcome: 'rejected' }), 'handle'],
    ['was redriven although it was processed', record({ generation: 0, outcome: 'processed' }), 'finished'],
    ['was redriven with other data while an older generation is open', record({ generation: 0, digest: 'other' }), 'conflict'],
    ['was redriven with other data', record({ generation: 0, outcome: 'dead-lettered', digest: 'other' }), 'conflict'],
    ['was redriven while an older generation is open', record({ generation: 0 }), 'handle'],
    ['was redriven while an older generation is claimed', record({ generation: 0, ...claimUntil(NOW + 1) }), 'claimed'],
    ['was redriven after the claim on an older generation', record({ generation: 0, ...claimUntil(NOW) }), 'handle'],
    ['is older than what is on record', record({ generation: 2 }), 'superseded'],
    ['is older and has other data', record({ generation: 2, digest: 'other' }), 'conflict'],
  ])('a message that %s', (_what, seen, admission) => {
    expect(admit(seen, message, NOW)).toBe(admission);
  });
});
