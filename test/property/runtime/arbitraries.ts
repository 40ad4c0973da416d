import fc from 'fast-check';
import type { LedgerRecord } from '../../../events/ledger-record.ts';

const whole = fc.nat();
const text = fc.string({ unit: 'grapheme' });
const error = fc.record({
  code: text,
  reason: text,
  kind: fc.constantFrom<'permanent' | 'transient' | 'unknown'>('permanent', 'transient', 'unknown'),
});
const usage = fc.record({ model: text, inputTokens: whole, outputTokens: whole });
const reference = fc.record({ uri: text, digest: text, sizeBytes: whole, contentType: text });

/** JSON as a receiver gets it: no negative zero, which it has no form for. */
export const anyJson: fc.Arbitrary<unknown> = fc.json().map((json) => JSON.parse(JSON.stringify(JSON.parse(json))));

/** A ledger record with any of its optional attributes. */
export const anyRecord: fc.Arbitrary<LedgerRecord> = fc.record(
  {
    messageKey: text,
    revision: text,
    agent: text,
    generation: whole,
    digest: text,
    sender: text,
    startedAt: whole,
    sentAt: whole,
    receivedAt: whole,
    attempts: fc.array(
      fc
        .tuple(fc.record({ at: whole, from: whole, usage: fc.array(usage) }, { requiredKeys: ['at'] }), error)
        .map(([attempt, recorded]) => ({ ...attempt, ...recorded })),
    ),
    claim: fc.record({ owner: text, expiresAt: fc.integer() }),
    outcome: fc.constantFrom<'processed' | 'rejected' | 'dead-lettered'>('processed', 'rejected', 'dead-lettered'),
    handledAt: whole,
    usage: fc.array(usage),
    endedAt: whole,
    error,
    result: anyJson,
    resultRef: reference,
    outbox: fc.array(fc.record({ to: text, body: text }, { requiredKeys: ['body'] })),
    outboxRef: reference,
    journey: text,
    open: text,
    since: whole,
    dueAt: whole,
    traceId: text,
    expiresAt: whole,
  },
  { requiredKeys: ['messageKey', 'revision', 'agent', 'generation', 'digest', 'sender', 'startedAt', 'attempts', 'expiresAt'] },
);

const printable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((value) => /^[^\p{Cc}\p{Cs}]+$/u.test(value) && value.length <= 256);
const timestamp = fc
  .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
  .map((date) => date.toISOString());
const metadata = fc.dictionary(
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,20}$/).filter((name) => name !== '__proto__'),
  fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer(), fc.boolean(), fc.constant(null)),
  { noNullPrototype: true },
);

/** An envelope that the mesh takes. */
export const anyEnvelope: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    specversion: fc.constant('1.0'),
    id: printable,
    source: fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
    type: printable,
    time: timestamp,
    subject: printable,
    datacontenttype: fc.constantFrom('application/json', 'text/plain; charset=utf-8'),
    data: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.boolean(), { noNullPrototype: true })),
    ),
    correlationid: printable,
    causationid: printable,
    expirytime: timestamp,
    replyto: fc.stringMatching(/^[a-z][a-z0-9-]{1,20}$/),
    tenant: fc.stringMatching(/^[\x21-\x7e]{1,128}$/),
    generation: fc.nat({ max: 1_000 }),
    metadata,
    ownextension: fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean()),
  },
  { requiredKeys: ['specversion', 'id', 'source', 'type', 'time'], noNullPrototype: true },
);
