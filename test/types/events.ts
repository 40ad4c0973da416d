import {
  type AuditLine,
  auditLineSchema,
  type Envelope,
  envelopeSchema,
  inboxName,
  type LedgerRecord,
  ledgerRecordSchema,
  type MeshName,
  meshName,
  parseEnvelope,
} from 'posthorn/events';
import { expectTypeOf } from 'vitest';

expectTypeOf(meshName({ stage: 'prod' })).toEqualTypeOf<MeshName>();
expectTypeOf(inboxName).parameters.toEqualTypeOf<[MeshName, string]>();
expectTypeOf(parseEnvelope('{}')).toEqualTypeOf<Envelope>();
expectTypeOf(envelopeSchema.parse({})).toEqualTypeOf<Envelope>();
expectTypeOf(ledgerRecordSchema.parse({})).toExtend<LedgerRecord>();
expectTypeOf(auditLineSchema.parse({})).toEqualTypeOf<AuditLine>();
// @ts-expect-error -- a name is made by meshName, which checks it
inboxName('posthorn', 'greeting');
