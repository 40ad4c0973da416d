import fc from 'fast-check';
import { PermanentError } from '../../../functions/runtime/failure/errors.ts';
import { KEYS, TokenWorld } from '../../helpers/token-issuer.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** One change of a part. */
type Mutation = (part: string) => string;

const character = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ALPHABET) }, fc.constantFrom(...'=+/ .~\n\0é'));
/** A place in a part of any length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const indexIn = (part: { readonly length: number }, at: number): number => Math.floor(at * part.length);

const bitFlip: fc.Arbitrary<Mutation> = fc.tuple(place, fc.nat({ max: 7 })).map(([at, bit]) => (part) => {
  const bytes = Buffer.from(part, 'base64url');
  const flipped = bytes.map((byte, index) => (index === indexIn(bytes, at) ? byte ^ (1 << bit) : byte));
  return Buffer.from(flipped).toString('base64url');
});
const replacement: fc.Arbitrary<Mutation> = fc.tuple(place, character).map(
  ([at, other]) =>
    (part) =>
      part.slice(0, indexIn(part, at)) + other + part.slice(indexIn(part, at) + 1),
);
const insertion: fc.Arbitrary<Mutation> = fc.tuple(place, character).map(
  ([at, other]) =>
    (part) =>
      part.slice(0, indexIn(part, at)) + other + part.slice(indexIn(part, at)),
);
const deletion: fc.Arbitrary<Mutation> = place.map((at) => (part) => part.slice(0, indexIn(part, at)) + part.slice(indexIn(part, at) + 1));
const transposition: fc.Arbitrary<Mutation> = place.map((at) => (part) => {
  const index = indexIn(part, at);
  return (
    part.slice(0, index) +
    part
      .slice(index, index + 2)
      .split('')
      .reverse()
      .join('') +
    part.slice(index + 2)
  );
});
const lastCharacter: fc.Arbitrary<Mutation> = fc.constantFrom(...ALPHABET).map((last) => (part) => part.slice(0, -1) + last);

/** In the JSON itself, which often stays JSON. */
const textReplacement: fc.Arbitrary<Mutation> = replacement.map((replace) => (part) => {
  const text = Buffer.from(part, 'base64url').toString('latin1');
  return Buffer.from(replace(text), 'latin1').toString('base64url');
});

const mutation = fc.oneof(bitFlip, textReplacement, replacement, insertion, deletion, transposition, lastCharacter);

/** Tokens of three kinds that share claims, so that the parts of one fit another. */
const signTokens = (world: TokenWorld): readonly string[] =>
  ['a', 'b'].flatMap((jti) => [
    world.sign({ jti }),
    world.sign({ jti }, { alg: 'ES256' }, KEYS.p256),
    world.sign({ jti }, { alg: 'RS256' }, KEYS.rsa),
    world.sign({ jti, note: '"}x{' }, { typ: 'at+jwt' }),
  ]);

const mutantOf = (tokens: readonly string[]): fc.Arbitrary<string> => {
  const parts = fc.constantFrom(...tokens).map((token) => token.split('.'));
  const changed = fc
    .tuple(parts, fc.nat({ max: 2 }), fc.array(mutation, { minLength: 1, maxLength: 2 }))
    .map(([from, index, changes]) =>
      from.map((part, at) => (at === index ? changes.reduce((text, change) => change(text), part) : part)).join('.'),
    );
  const swapped = fc.tuple(parts, parts, parts).map((three) => three.map((from, index) => from[index]).join('.'));
  const moved = fc
    .tuple(parts, fc.shuffledSubarray([0, 1, 2], { minLength: 2 }))
    .map(([from, order]) => order.map((index) => from[index]).join('.'));
  return fc.oneof({ weight: 8, arbitrary: changed }, { weight: 1, arbitrary: swapped }, { weight: 1, arbitrary: moved });
};

/**
 * Verifies that many mutants of good tokens, which the verifier has just taken.
 *
 * @returns how often each code came
 * @throws when one mutant is taken, or not refused as the message's fault
 */
export async function refuseMutants(count: number): Promise<ReadonlyMap<string, number>> {
  const world = new TokenWorld();
  const tokens = signTokens(world);
  for (const token of tokens) await world.verify(token);
  const originals = new Set(tokens);
  const codes = new Map<string, number>();
  const property = fc.asyncProperty(mutantOf(tokens), async (mutant) => {
    if (originals.has(mutant)) return true;
    const refusal = await world.refusal(mutant);
    if (!(refusal instanceof PermanentError)) return false;
    codes.set(refusal.code, (codes.get(refusal.code) ?? 0) + 1);
    return true;
  });
  await fc.assert(property, { numRuns: count });
  return codes;
}
