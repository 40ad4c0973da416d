import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { envelopeSchema } from '../../../events/envelope.ts';
import { envelopeJsonSchema } from '../../../events/envelope-json-schema.ts';

const stored: object = JSON.parse(readFileSync(join(import.meta.dirname, '../../../events/envelope.schema.json'), 'utf8'));
const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(stored);

const valid = { specversion: '1.0', id: '1', source: '/producer', type: 'order.placed', time: '2026-11-20T09:00:00Z', data: { a: 1 } };
const claimCheck = { dataref: 's3://bucket/key', datadigest: `sha-256:${'a'.repeat(64)}`, datasize: 3 };
const { data: _, ...withoutData } = valid;

describe('envelope.schema.json', () => {
  it('matches events/envelope.ts (npm run generate)', () => {
    expect(stored).toEqual(envelopeJsonSchema());
  });

  it.each([
    ['an event with data', valid, true],
    ['an event with a claim check', { ...withoutData, ...claimCheck }, true],
    ['an extension attribute', { ...valid, tenant: 'acme' }, true],
    ['data and dataref', { ...valid, ...claimCheck }, false],
    ['dataref without digest', { ...withoutData, dataref: 's3://bucket/key' }, false],
    ['an attribute name that CloudEvents forbids', { ...valid, Tenant: 'acme' }, false],
    ['an extension that is an object', { ...valid, tenant: {} }, false],
    ['no id', { ...valid, id: undefined }, false],
    ['another specversion', { ...valid, specversion: '0.3' }, false],
  ])('decides as the mesh does: %s', (_name, event, isValid) => {
    const sent: unknown = JSON.parse(JSON.stringify(event));

    expect(accepts(sent)).toBe(isValid);
    expect(envelopeSchema.safeParse(sent).success).toBe(isValid);
  });
});
