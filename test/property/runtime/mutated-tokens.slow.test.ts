import { expect, it } from 'vitest';
import { refuseMutants } from './mutated-tokens.ts';

it('of 100,000 changed tokens none is taken', async () => {
  const codes = await refuseMutants(100_000);

  expect(codes.get('TokenSignatureInvalid')).toBeGreaterThan(20_000);
  expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(90_000);
});
