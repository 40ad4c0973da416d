/** A deliberate break of the runtime: text of its files, replaced. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where the search begins. */
  readonly firstSeed: number;
}

export interface Edit {
  /** In functions/runtime. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });

/** What shows a rare one is rare: the search begins at the seed that does. */
const FIRST_SEEDS: ReadonlyMap<string, number> = new Map([
  ['processed-runs-again', 5],
  ['other-data-overtakes', 7],
  ['suspects-not-isolated', 44],
  ['claim-of-older-generation-not-heeded', 28],
]);
const mutant = (name: string, ...edits: readonly Edit[]): Mutant => ({ name, edits, firstSeed: FIRST_SEEDS.get(name) ?? 1 });

/** Each must be found by the campaign. */
export const MUTANTS: readonly Mutant[] = [
  // The ledger
  mutant(
    'no-fencing',
    edit(
      'ledger/commit-outcome.ts',
      'expectedRevision: delivery.ledgerRecord?.revision',
      'expectedRevision: (await io.readRecord(record.messageKey))?.revision',
    ),
  ),
  mutant('no-deduplication', edit('ledger/admit.ts', ": 'finished';", ": 'handle';")),
  mutant('older-generation-runs', edit('ledger/admit.ts', "return 'superseded';", "return 'handle';")),
  mutant('newer-generation-blocked', edit('ledger/admit.ts', "isNewer && record.outcome !== 'processed'", 'false')),
  mutant('processed-runs-again', edit('ledger/admit.ts', "isNewer && record.outcome !== 'processed'", 'isNewer')),
  mutant(
    'identity-taken-late',
    edit('delivery.ts', 'return this.#opened?.digest ?? ', 'return this.#opened ? digestOfData(this.#opened.envelope) : '),
  ),
  mutant('other-data-not-noticed', edit('ledger/admit.ts', "if (message.digest !== record.digest) return 'conflict';", '')),
  mutant(
    'other-data-overtakes',
    edit('ledger/admit.ts', 'message.digest !== record.digest', 'message.digest !== record.digest && record.outcome !== undefined'),
  ),
  mutant(
    'redriven-data-overtakes',
    edit(
      'ledger/admit.ts',
      'message.digest !== record.digest',
      'message.digest !== record.digest && message.generation <= record.generation',
    ),
  ),
  mutant(
    'answers-mixed-up',
    edit(
      'batch/coalesce.ts',
      'batch.map((write) => answers.get(write) ?? unanswered)',
      'batch.map((write) => answers.get(write) ?? unanswered).reverse()',
    ),
  ),
  // Commit and outbox
  mutant(
    'send-before-commit',
    edit('middleware/commit.ts', 'import { commitOutcome }', 'import { commitOutcome, recordOf }'),
    edit(
      'middleware/commit.ts',
      'const current =',
      "await dispatch(delivery, { ...recordOf(delivery, runtime), outcome: 'processed', ...delivery.effects }, runtime);\nconst current =",
    ),
  ),
  mutant(
    'dead-letter-without-commit',
    edit(
      'middleware/classify-error.ts',
      'const current = await commitOutcome(delivery, outcome, error, runtime);',
      `const current = outcome === 'dead-lettered'
        ? { ...recordOf(delivery, runtime), outcome, error, endedAt: runtime.clock.now() }
        : await commitOutcome(delivery, outcome, error, runtime);`,
    ),
  ),
  mutant(
    'acknowledge-on-failed-commit',
    edit(
      'middleware/classify-error.ts',
      'return redeliverLater(delivery, interruption, runtime);',
      "return redeliverLater(delivery, interruption, runtime).then(() => 'acknowledge');",
    ),
  ),
  mutant(
    'acknowledge-what-is-not-sent',
    edit('ledger/send-outbox.ts', 'catch (cause) {\n    throw new Interrupted(', 'catch (cause) {\n    void ('),
  ),
  mutant('partial-send-ignored', edit('batch/coalesce.ts', '.flat(),', '.flat().map(() => undefined),')),
  mutant(
    'outbox-not-sent-again',
    edit('middleware/deduplicate.ts', 'if (delivery.ledgerRecord) await dispatch(delivery, delivery.ledgerRecord, runtime);', ''),
  ),
  mutant(
    'outbox-sent-with-new-ids',
    edit(
      'ledger/send-outbox.ts',
      '{ body, attributes: {} }',
      "{ body: JSON.stringify({ ...JSON.parse(body), id: 'new-' + (globalThis.newIds = (globalThis.newIds ?? 0) + 1) }), attributes: {} }",
    ),
  ),
  // Attempts
  mutant(
    'no-deadline',
    edit(
      'agent/handle.ts',
      'Promise.race([handling(), deadline])',
      'Promise.race([handling(), deadline.catch(() => new Promise(() => {}))])',
    ),
  ),
  mutant('no-last-call', edit('batch/handle-batch.ts', 'Promise.race([handleAll(), lastCall])', 'handleAll()')),
  mutant('attempts-not-recorded', edit('middleware/classify-error.ts', 'delivery.attempts = [...delivery.attempts, attempt];', '')),
  mutant(
    'attempts-of-older-generations-count',
    edit(
      'middleware/deduplicate.ts',
      'delivery.ledgerRecord?.generation === delivery.generation ? delivery.ledgerRecord.attempts : []',
      'delivery.ledgerRecord?.attempts ?? []',
    ),
  ),
  mutant('permanent-retried', edit('failure/retry.ts', "if (classification.kind === 'permanent') return { action: 'reject' };", '')),
  mutant('unknown-rejected', edit('failure/retry.ts', "classification.kind === 'permanent'", "classification.kind !== 'transient'")),
  mutant('one-retry-too-many', edit('failure/retry.ts', 'failedAttempts > policy.maxRetries', 'failedAttempts > policy.maxRetries + 1')),
  mutant('no-backoff', edit('middleware/classify-error.ts', 'await delayMessage(delivery, decision.delaySeconds, runtime);', '')),
  mutant('backoff-too-long', edit('failure/retry.ts', '2 ** (failedAttempts - 1)', '2 ** (failedAttempts + 3)')),
  // Poison and claims
  mutant(
    'suspects-not-isolated',
    edit('batch/find-suspects.ts', 'isSuspect: !hasRecordedEveryReceive(delivery, record)', 'isSuspect: false'),
  ),
  mutant(
    'no-claim',
    edit('middleware/claim.ts', 'if (!delivery.agent.exclusive && !delivery.isSuspect) return;', 'if (!delivery.isSuspect) return;'),
  ),
  mutant(
    'claim-of-older-generation-not-heeded',
    edit('ledger/admit.ts', 'if (record.claim === undefined)', 'if (record.claim === undefined || isNewer)'),
  ),
  mutant('claim-not-heeded', edit('ledger/admit.ts', "return 'claimed';", "return 'handle';")),
  // Content
  mutant('digest-not-verified', edit('content/content-access.ts', 'if (actual !== digest)', "if (actual === '')")),
];
