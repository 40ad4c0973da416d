import { BACKPRESSURE_MUTANTS } from './backpressure-mutants.ts';
import { DISCOVERY_MUTANTS } from './discovery-mutants.ts';
import { edit, type Mutant, mutantsOf } from './mutant.ts';

/** What shows a rare one is rare: the search begins at the seed that does. */
const FIRST_SEEDS = {
  'processed-runs-again': 5,
  'older-generation-runs': 4,
  'no-claim': 7,
  'claim-not-heeded': 7,
  'refusal-on-stale-read': 9,
  'unknown-key-refused-at-once': 14,
  'other-data-overtakes': 42,
  'suspects-not-isolated': 50,
  'claim-of-older-generation-not-heeded': 270,
  'conflict-refused-again': 210,
  'put-back-loses-outbox': 136,
  'refused-metrics-lost': 11,
  'stored-outbox-not-counted': 36,
};
const mutant = mutantsOf(FIRST_SEEDS);

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
      '{ body, attributes: await',
      "{ body: JSON.stringify({ ...JSON.parse(body), id: 'new-' + (globalThis.newIds = (globalThis.newIds ?? 0) + 1) }), attributes: await",
    ),
  ),
  mutant('tenant-lost', edit('agent/outgoing.ts', 'options.tenant ?? envelope.tenant', 'options.tenant')),
  mutant('tenant-without-group', edit('ledger/send-outbox.ts', 'group: tenantOf(body)', 'group: undefined')),
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
  mutant('no-claim', edit('middleware/claim.ts', 'agent.exclusive || isSuspect;', 'isSuspect;')),
  mutant(
    'claim-of-older-generation-not-heeded',
    edit('ledger/admit.ts', 'if (record.claim === undefined)', 'if (record.claim === undefined || isNewer)'),
  ),
  mutant('claim-not-heeded', edit('ledger/admit.ts', "return 'claimed';", "return 'handle';")),
  // Trust
  mutant('refused-under-claimed-key', edit('delivery.ts', 'this.#ownKey = this.refusedKey;', '')),
  mutant('source-unbound', edit('trust/sender.ts', 'refuseOtherSources(principal, source);', '')),
  mutant('allow-by-default', edit('trust/sender.ts', 'if (rule === undefined) throw forbidden(principal, action, access.agent);', '')),
  mutant(
    'outage-lets-pass',
    edit(
      'trust/decide-on.ts',
      'const decision = await decideCertainly(runtime.access, decide);',
      `const current = await runtime.access.current().catch(() => undefined);
  if (current === undefined)
    return delivery.principal === undefined
      ? { name: 'anyone', sources: ['*'], onBehalfOf: false, grants: { '*': 'any' } }
      : { principal: 'anyone', action: 'handle', rule: 'any' };
  const decision = await decideCertainly(runtime.access, decide);`,
    ),
  ),
  mutant('redrive-without-permission', edit('trust/sender.ts', 'rule: ruleFor(principal, REDRIVE_ACTION)', "rule: 'any'")),
  mutant(
    'moved-message-believed',
    edit(
      'trust/sender.ts',
      'const original = principalOf(access, originalSenderId);',
      'const original = knownPrincipal(access, originalSenderId);\n  if (original === undefined) return undefined;',
    ),
  ),
  mutant('refusal-not-rechecked', edit('trust/decide-certainly.ts', 'access.certain()', 'access.current()')),
  mutant(
    'refusal-on-stale-read',
    edit('trust/access-cache.ts', 'this.#isConsistent = consistent;', 'this.#isConsistent = true;'),
    edit('trust/access-cache.ts', 'return await this.#read(true);\n    // A read', 'return await this.#read(false);\n    // A read'),
  ),
  mutant('refusal-decided-twice', edit('trust/decide-on.ts', 'if (delivery.refusal !== undefined) throw delivery.refusal;', '')),
  mutant('refused-then-processed', edit('middleware/deduplicate.ts', 'if (await wasRefused(delivery, runtime))', 'if (false)')),
  mutant('revoked-loses-outbox', edit('trust/decide-on.ts', 'mayBeAccepted && (await wasAccepted(delivery, refusal, io))', 'false')),
  mutant('put-back-loses-outbox', edit('trust/decide-on.ts', 'return isPutBack || ', 'return ')),
  mutant('conflict-refused-again', edit('trust/decide-on.ts', ', io.readRecord(conflictKey(digest, messageKey))', '')),
  mutant(
    'registry-outage-counts-attempt',
    edit(
      'trust/access-cache.ts',
      "import { Interrupted } from '../failure/interrupted.ts';",
      "import { TransientError } from '../failure/errors.ts';\nimport { Interrupted } from '../failure/interrupted.ts';",
    ),
    edit(
      'trust/access-cache.ts',
      'throw new Interrupted(`the registry could not be read',
      "throw new TransientError('RegistryUnavailable', `the registry could not be read",
    ),
  ),
  // Tokens
  mutant('audience-skipped', edit('trust/verify-token.ts', 'requireAudience(required.audiences, audience);', '')),
  mutant('age-skipped', edit('trust/token-times.ts', '// Each condition asks for', 'return;\n  // Each condition asks for')),
  mutant(
    'cache-outlives-token',
    edit('trust/verified-tokens.ts', 'if (now < entry.times.expiresAt) return entry;', 'return entry;'),
    edit('trust/verify-token.ts', 'checkTimes(entry.times, sentAt, maxAgeOf(issuer));', ''),
  ),
  mutant('signature-not-verified', edit('trust/verify-token.ts', 'await this.#verifySignature(text, keys, algorithm);', '')),
  mutant('token-sender-unbound', edit('trust/sender.ts', 'if (principal.arn === token.subject) return principal;', 'return principal;')),
  mutant(
    'keys-outage-lets-pass',
    edit(
      'trust/token-of.ts',
      'if (!(error instanceof KeysUnavailable)) throw error;',
      `if (!(error instanceof KeysUnavailable)) throw error;
    const [, payload = ''] = messageAttributes[AUTHORIZATION_ATTRIBUTE]?.stringValue?.split('.') ?? [];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return { issuerId: access.issuers[0]?.id ?? '', issuer: claims.iss, subject: claims.sub, claims, tokenId: claims.jti, expiresAt: 0 };`,
    ),
  ),
  mutant(
    'keys-outage-counts-attempt',
    edit('trust/token-of.ts', 'import { Interrupted }', "import { TransientError } from '../failure/errors.ts';\nimport { Interrupted }"),
    edit('trust/token-of.ts', 'throw new Interrupted("the', 'throw new TransientError("KeysUnavailable", "the'),
    edit(
      'trust/decide-certainly.ts',
      "throw new Interrupted('the sender could not be verified', { cause: error, baseDelaySeconds: OUTAGE_BASE_SECONDS });",
      'throw error;',
    ),
  ),
  mutant(
    'keys-outage-refuses',
    edit('trust/token-of.ts', 'import { Interrupted }', "import { refused } from './token-refused.ts';\nimport { Interrupted }"),
    edit('trust/token-of.ts', 'throw new Interrupted("the', 'throw refused("TokenUnknownKey", "the'),
  ),
  mutant('unknown-key-refused-at-once', edit('trust/remote-key-set.ts', 'let keySet = await this.read();', 'return await this.read();')),
  mutant(
    'token-not-attached',
    edit('ledger/send-outbox.ts', "if (target === undefined || settings.authentication !== 'jwt') return {};", 'return {};'),
  ),
  mutant(
    'token-for-another',
    edit('ledger/send-outbox.ts', 'audienceOf(settings.meshPrefix, target)', "audienceOf(settings.meshPrefix, 'writing')"),
  ),
  mutant(
    'token-outage-loses-outbox',
    edit(
      'ledger/send-outbox.ts',
      "record.outcome === 'processed') await sendOutbox(delivery, record, runtime);",
      "record.outcome === 'processed') await sendOutbox(delivery, record, runtime).catch((error) => { if (error.message !== 'tokens-outage') throw error; });",
    ),
  ),
  mutant(
    'replies-with-token',
    edit('ledger/send-outbox.ts', 'if (target === undefined || settings', "target ??= 'intake';\n  if (settings"),
  ),
  // Metrics
  mutant(
    'metrics-of-lost-answers-added-again',
    edit('metrics/metrics-recorder.ts', 'if (error instanceof MetricsRefusedError) increments', 'if (error instanceof Error) increments'),
  ),
  mutant('refused-metrics-lost', edit('metrics/metrics-recorder.ts', 'increments.putBack(taken);', '{}')),
  mutant(
    'metrics-waited-for',
    edit(
      'metrics/metrics-recorder.ts',
      'return this.#within(Math.min(MAX_WAIT_MS, (endsAt - this.#ports.clock.now()) / 2), writing);',
      'return writing;',
    ),
  ),
  mutant(
    'metrics-count-what-is-not-committed',
    edit(
      'ledger/commit-outcome.ts',
      'const current = await writeRecord(delivery, record, runtime);\n  if (current.revision === record.revision) {',
      'delivery.report = { outcome };\n  delivery.reported();\n  const current = await writeRecord(delivery, record, runtime);\n  if (current.revision === record.revision) {',
    ),
  ),
  mutant('stored-outbox-not-counted', edit('metrics/measure.ts', "'sent', sentCount)", "'sent', delivery.effects.outbox.length)")),
  mutant('every-receive-counted-as-wait', edit('metrics/measure.ts', 'if (receiveCount === 1) observe', 'observe')),
  mutant('retries-counted-as-interruptions', edit('metrics/measure.ts', "retry: 'retries'", "retry: 'interruptions'")),
  mutant(
    'failed-attempts-not-measured',
    edit(
      'metrics/measure.ts',
      'if (handledAt !== undefined && handledUntil',
      'if (hasOutcome(delivery) && handledAt !== undefined && handledUntil',
    ),
  ),
  mutant('critical-time-of-retries', edit('metrics/measure.ts', 'if (!hasOutcome(delivery)) return;', '')),
  mutant(
    'delivery-counted-without-end',
    edit(
      'metrics/measure.ts',
      "if (report.error?.kind === 'unknown') count",
      "if (report.error?.kind === 'unknown') count(increments, 'deliveries');\n  if (report.error?.kind === 'unknown') count",
    ),
  ),
  // Tracing
  mutant(
    'export-waited-for-without-bound',
    edit(
      'tracing/tracer.ts',
      'await Promise.race([done().catch((error: unknown) => this.#warn(error)), timeUp]);',
      'await done().catch((error: unknown) => this.#warn(error));',
    ),
  ),
  mutant('failed-export-fails-invocation', edit('tracing/tracer.ts', 'done().catch((error: unknown) => this.#warn(error))', 'done()')),
  mutant(
    'failed-span-fails-message',
    edit('tracing/delivery-spans.ts', 'this.#tracer.attempt(() => this.#root.begin(start))', 'this.#root.begin(start)'),
  ),
  // Content
  mutant('digest-not-verified', edit('content/content-access.ts', 'if (actual !== digest)', "if (actual === '')")),
  // Discovery
  ...DISCOVERY_MUTANTS,
  ...BACKPRESSURE_MUTANTS,
];
