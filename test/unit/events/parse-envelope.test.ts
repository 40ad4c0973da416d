import { describe, expect, it } from 'vitest';
import { InvalidEnvelopeError, parseEnvelope } from '../../../events/parse-envelope.ts';
import { isNestedDeeperThan } from '../../../events/safe-json.ts';
import { createEnvelope } from '../../helpers/records.ts';

const body = (overrides: Readonly<Record<string, unknown>> = {}) => JSON.stringify(createEnvelope(overrides));
const reference = { data: undefined, dataref: 's3://content/key', datadigest: `sha-256:${'0'.repeat(64)}`, datasize: 1 };

function refusalOf(text: string): InvalidEnvelopeError {
  try {
    parseEnvelope(text);
  } catch (error) {
    if (error instanceof InvalidEnvelopeError) return error;
    throw error;
  }
  throw new Error(`was taken: ${text.slice(0, 80)}`);
}

describe('parseEnvelope', () => {
  it('takes an envelope with everything, extensions too', () => {
    const full = createEnvelope({
      subject: 'order 7',
      datacontenttype: 'application/json; charset=utf-8',
      dataschema: 'https://example.com/schema',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: 'a=1',
      correlationid: 'c',
      causationid: 'd',
      expirytime: '2026-01-01T00:00:00+02:00',
      authid: 'user:7',
      replyto: 'asking',
      tenant: 'acme',
      generation: 3,
      metadata: { language: 'en', page: 1, draft: true, none: null },
      own: 'extension',
      priority: 5,
    });

    expect(parseEnvelope(JSON.stringify(full))).toEqual(full);
  });

  it.each([
    ['null data', { data: null }],
    ['no data', { data: undefined }],
    ['data of any kind', { data: [1, { a: [] }, 'x'] }],
    ['a claim check', reference],
    ['an id in any script', { id: '注文-größe-🙂' }],
    ['an attribute named constructor', { constructor: 'x' }],
  ])('takes %s', (_what, overrides) => {
    expect(parseEnvelope(body(overrides))).toEqual(createEnvelope(overrides));
  });

  it.each([
    ['not JSON', 'hello', 'the body'],
    ['nothing', '', 'the body'],
    ['half an envelope', body().slice(0, -5), 'the body'],
    ['null', 'null', 'is null'],
    ['a number', '5', 'is a number'],
    ['a string', '"text"', 'is a string of 4 characters'],
    ['an array', '[1,2]', 'is an array of 2'],
    ['no envelope', '{}', 'specversion:'],
    ['a control character in the text', '{"a": "\u0001"}', 'the body'],
    ['a replacement for bytes that are no UTF-8', `\uFFFD${body()}`, 'the body'],
    ['another specversion', body({ specversion: '0.3' }), 'specversion:'],
    ['no specversion', body({ specversion: undefined }), 'specversion:'],
    ['no id', body({ id: undefined }), 'id:'],
    ['an empty id', body({ id: '' }), 'id:'],
    ['a long id', body({ id: 'x'.repeat(257) }), 'id:'],
    ['a control character in the id', body({ id: 'a\nb' }), 'id:'],
    ['half a character in the id', body({ id: '\uD800' }), 'id:'],
    ['an id of another type', body({ id: 7 }), 'id:'],
    ['a source with spaces', body({ source: '/a b' }), 'source:'],
    ['a time that is none', body({ time: 'yesterday' }), 'time:'],
    ['a type of another type', body({ type: ['t'] }), 'type:'],
    ['a traceparent that is no text', body({ traceparent: 7 }), 'traceparent:'],
    ['metadata with structure', body({ metadata: { a: { b: 1 } } }), 'metadata.a:'],
    ['metadata that is no object', body({ metadata: 'x' }), 'metadata:'],
    ['a generation below zero', body({ generation: -1 }), 'generation:'],
    ['a generation that is no whole number', body({ generation: 1.5 }), 'generation:'],
    ['a generation beyond all', body({ generation: 1_001 }), 'generation:'],
    ['a replyto that is no agent', body({ replyto: '../admin' }), 'replyto:'],
    ['data beside dataref', body({ ...reference, data: 1 }), 'dataref:'],
    ['a dataref without its digest', body({ ...reference, datadigest: undefined }), 'dataref:'],
    ['a dataref without its size', body({ ...reference, datasize: undefined }), 'dataref:'],
    ['another kind of digest', body({ ...reference, datadigest: 'md5:0' }), 'datadigest:'],
    ['a size below zero', body({ ...reference, datasize: -1 }), 'datasize:'],
    ['an extension with structure', body({ own: { a: 1 } }), 'own:'],
    ['an extension with a name that CloudEvents does not allow', body({ own_name: 'x' }), 'attribute names'],
    ['a prototype', `{"__proto__": {"isAdmin": true}, ${body().slice(1)}`, 'the body'],
    ['a prototype in disguise', `{"\\u005f_proto__": 1, ${body().slice(1)}`, 'the body'],
    ['a prototype in the data', body().replace('"text"', '"__proto__"'), 'the body'],
    ['a prototype by the constructor', body({ data: { constructor: { prototype: { a: 1 } } } }), 'the body'],
    ['nesting 10,000 deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'nested deeper than 100'],
    ['nesting a million deep, not closed', '{"a":'.repeat(200_000), 'nested deeper than 100'],
    ['data nested deeper than 100', body({ data: JSON.parse('['.repeat(100) + ']'.repeat(100)) }), 'nested deeper than 100'],
  ])('refuses %s as InvalidEnvelope, naming what is wrong', (_what, text, clue) => {
    const { code, message } = refusalOf(text);

    expect(code).toBe('InvalidEnvelope');
    expect(message).toContain(clue);
    expect(Object.prototype).not.toHaveProperty('isAdmin');
  });

  it('names at most five faults, and never the values', () => {
    const { message } = refusalOf(
      body({
        id: ['SECRET'],
        source: 'SECRET SECRET',
        type: 5,
        time: 'SECRET',
        specversion: 'SECRET',
        generation: 'SECRET',
        replyto: 'SECRET',
      }),
    );

    expect(message).toContain('; and 2 more');
    expect(message).not.toContain('SECRET');
  });

  it.each(['SECRET', '{"a": SECRET}', '{SECRET: 1}', '["SECRET" "x"]', '{"a": "SECRET', 'x"SECRET"'])(
    'does not quote a body that is no JSON: %s',
    (text) => {
      const refusal = refusalOf(text);

      expect(refusal.message).not.toContain('SECRET');
      expect(String(refusal.cause)).not.toContain('SECRET');
    },
  );
});

describe('isNestedDeeperThan', () => {
  it.each([
    ['[[1]]', 2, false],
    ['[[[1]]]', 2, true],
    ['[{"a":[]},{"b":[]}]', 3, false],
    ['"[[[["', 0, false],
    ['["\\"[[["]', 1, false],
    ['["\\\\",[]]', 1, true],
    ['', 0, false],
  ])('%s at %i', (json, limit, expected) => {
    expect(isNestedDeeperThan(limit, json)).toBe(expected);
  });
});
