import { expect, it } from 'vitest';
import { refuseMutants } from './mutated-tokens.ts';

it('of 5,000 changed tokens none is taken, though all come from good ones', async () => {
  const codes = await refuseMutants(5_000);

  // A third of them get as far as their signature.
  expect(codes.get('TokenSignatureInvalid')).toBeGreaterThan(1_000);
  expect(codes.get('TokenMalformed')).toBeGreaterThan(1_000);
});
