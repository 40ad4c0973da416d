import { describe, expect, it } from 'vitest';
import { parseEnvelope } from '../../../events/parse-envelope.ts';
import { tenantOf } from '../../../events/tenant-of.ts';
import { createEnvelope } from '../../helpers/records.ts';

const LONGEST = 'x'.repeat(128);
/** All that SQS takes in a MessageGroupId besides letters and digits. */
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const hostile: readonly (readonly [string, unknown])[] = [
  ['empty', ''],
  ['of 129 characters', `${LONGEST}x`],
  ['with a space', 'Acme Corp'],
  ['with a line break', 'acme\n'],
  ['with a control character', 'acme\u0000'],
  ['not ASCII', 'Größe'],
  ['an emoji', '🙂'],
  ['a number', 7],
  ['null', null],
  ['a list', ['acme']],
  ['an object', { id: 'acme' }],
  ['a boolean', true],
];

describe('the tenant of an envelope', () => {
  it.each(['a', 'acme', 'Customer-4711', PUNCTUATION, LONGEST])('may be %s', (tenant) => {
    const body = JSON.stringify(createEnvelope({ tenant }));

    expect(parseEnvelope(body)).toMatchObject({ tenant });
    expect(tenantOf(body)).toBe(tenant);
  });

  it.each(hostile)('is refused if it is %s, and is no message group', (_what, tenant) => {
    const body = JSON.stringify(createEnvelope({ tenant }));

    expect(() => parseEnvelope(body)).toThrow(/^tenant: .*\(it is /);
    expect(tenantOf(body)).toBeUndefined();
  });

  it('is none in an envelope without one, and in a body that is not an envelope', () => {
    const bodies = ['', 'hello', '"tenant"', '{"tenant"', 'null', '["tenant"]', '{"tenant":"a"', JSON.stringify(createEnvelope())];

    expect(bodies.map(tenantOf)).toEqual(bodies.map(() => undefined));
  });

  it('is not the one in the data', () => {
    expect(tenantOf(JSON.stringify(createEnvelope({ data: { tenant: 'inner' } })))).toBeUndefined();
    expect(tenantOf(JSON.stringify(createEnvelope({ data: { tenant: 'inner' }, tenant: 'outer' })))).toBe('outer');
  });
});
