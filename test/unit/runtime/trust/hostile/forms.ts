import { base64Url, signRaw } from '../../../../helpers/token-issuer.ts';
import { changed, HEADER, type Hostile, parts, payloadOf, withHeader, withPayload } from './hostile.ts';

/** Another last character with the same bits that count. */
function withSpareBits(part: string): string {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const bytes = Buffer.from(part, 'base64url');
  const other = [...ALPHABET]
    .map((last) => part.slice(0, -1) + last)
    .find((text) => text !== part && Buffer.from(text, 'base64url').equals(bytes));
  if (other === undefined) throw new Error('this part has no spare bits');
  return other;
}

export const hostileForms: readonly Hostile[] = [
  ['nothing', 'TokenMissing', () => undefined],
  ['an empty string', 'TokenMissing', () => ''],
  ['2 MB', 'TokenTooLarge', (world) => world.sign({ note: 'x'.repeat(2_000_000) })],
  ['one character over 8 KB', 'TokenTooLarge', () => 'x'.repeat(8_193)],
  ['8 KB of dots', 'TokenMalformed', () => '.'.repeat(8_192)],
  ['one part', 'TokenMalformed', () => 'token'],
  ['two parts', 'TokenMalformed', (world) => parts(world.sign()).slice(0, 2).join('.')],
  ['four parts', 'TokenMalformed', (world) => `${world.sign()}.AAAA`],
  ['an encrypted token', 'TokenMalformed', () => `${base64Url('{"alg":"dir","enc":"A256GCM"}')}..AAAA.AAAA.AAAA`],
  ['a token in an encrypted one', 'TokenMalformed', (world) => `${base64Url('{"alg":"RSA-OAEP","cty":"JWT"}')}.${world.sign()}.AAAA`],
  [
    'JSON serialization',
    'TokenMalformed',
    (world) => {
      const [header, payload, signature] = parts(world.sign());
      return JSON.stringify({ protected: header, payload, signature });
    },
  ],
  ['the scheme Bearer in front', 'TokenMalformed', (world) => `Bearer ${world.sign()}`],
  ['a space in front', 'TokenMalformed', (world) => ` ${world.sign()}`],
  ['a newline at the end', 'TokenMalformed', (world) => `${world.sign()}\n`],
  ['a NUL at the end', 'TokenMalformed', (world) => `${world.sign()}\0`],
  ['a tab in the payload', 'TokenMalformed', changed(1, (part) => `${part.slice(0, 8)}\t${part.slice(8)}`)],
  ['padding', 'TokenMalformed', changed(2, (part) => `${part}==`)],
  ['padding of the header', 'TokenMalformed', changed(0, (part) => `${part}=`)],
  ['the alphabet of plain base64', 'TokenMalformed', changed(2, (part) => `+/${part.slice(2)}`)],
  ['a character that is no ASCII', 'TokenMalformed', changed(2, (part) => `ä${part.slice(1)}`)],
  ['a full-width dot', 'TokenMalformed', (world) => world.sign().replace('.', '\uFF0E')],
  ['a truncated signature', 'TokenSignatureInvalid', changed(2, (part) => part.slice(0, -2))],
  ['a truncated payload', 'TokenMalformed', changed(1, (part) => part.slice(0, -4))],
  ['an empty header', 'TokenMalformed', changed(0, () => '')],
  ['an empty payload', 'TokenMalformed', changed(1, () => '')],
  ['an empty signature', 'TokenMalformed', changed(2, () => '')],
  ['spare bits in the last character', 'TokenMalformed', changed(2, withSpareBits)],
  ['a single character as signature', 'TokenMalformed', changed(2, () => 'A')],
];

export const hostileJson: readonly Hostile[] = [
  ['a header that is no JSON', 'TokenMalformed', withHeader('{"alg":"EdDSA",}')],
  ['a header that is an array', 'TokenMalformed', withHeader('["EdDSA"]')],
  ['a header that is null', 'TokenMalformed', withHeader('null')],
  ['a header with a byte order mark', 'TokenMalformed', withHeader(`\uFEFF${HEADER}`)],
  ['a payload with a byte order mark', 'TokenMalformed', withPayload((payload) => `\uFEFF${payload}`)],
  ['a payload that is an array', 'TokenMalformed', withPayload((payload) => `[${payload}]`)],
  ['a payload that is a string', 'TokenMalformed', withPayload((payload) => JSON.stringify(payload))],
  ['a payload that is a number', 'TokenMalformed', withPayload(() => '5')],
  ['a payload that is UTF-16', 'TokenMalformed', (world) => signRaw(HEADER, Buffer.from(payloadOf(world), 'utf16le'))],
  [
    'a payload that is Latin-1',
    'TokenMalformed',
    (world) => signRaw(HEADER, Buffer.from(JSON.stringify(world.claims({ sub: 'Müller' })), 'latin1')),
  ],
  ['an overlong slash', 'TokenMalformed', () => signRaw(HEADER, Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]))],
  ['a payload of bytes', 'TokenMalformed', () => signRaw(HEADER, Buffer.from([0xff, 0xfe, 0x00, 0x80]))],
  ['a second object after the payload', 'TokenMalformed', withPayload((payload) => `${payload}{}`)],
  ['a comment', 'TokenMalformed', withPayload((payload) => `/**/${payload}`)],
  ['exp NaN', 'TokenMalformed', withPayload((payload) => payload.replace(/"exp":\d+/, '"exp":NaN'))],
  ['nesting of 200 levels', 'TokenMalformed', withPayload((payload) => payload.replace('{', `{"a":${'['.repeat(200)}${']'.repeat(200)},`))],
  ['alg twice', 'TokenMalformed', withHeader('{"alg":"none","alg":"EdDSA","typ":"JWT","kid":"ed"}')],
  ['alg twice, once escaped', 'TokenMalformed', withHeader('{"\\u0061lg":"none","alg":"EdDSA","typ":"JWT","kid":"ed"}')],
  ['sub twice', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"sub":"admin",'))],
  ['sub twice, with the same value', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"sub":"orders-service",'))],
  ['sub twice, around an object', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"sub":"admin","a":{"b":{}},'))],
  ['sub twice, around an array', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"sub":"admin","a":[{"b":[]}],'))],
  ['a key twice in a nested object', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"a":[{"b":{"c":1,"d":2,"c":3}}],'))],
  ['the empty key twice', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"":1,"":2,'))],
  ['__proto__ in the payload', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"__proto__":{"sub":"admin"},'))],
  ['__proto__ deep in the payload', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"a":{"__proto__":{}},'))],
  ['__proto__ in the header', 'TokenMalformed', withHeader('{"__proto__":{"alg":"EdDSA"},"typ":"JWT","kid":"ed"}')],
  ['constructor.prototype', 'TokenMalformed', withPayload((payload) => payload.replace('{', '{"constructor":{"prototype":{}},'))],
];
