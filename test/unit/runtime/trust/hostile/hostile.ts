import { signRaw, type TokenWorld } from '../../../../helpers/token-issuer.ts';

/** A token that must be refused, the code, and how the token is made. */
export type Hostile = readonly [name: string, code: string, make: (world: TokenWorld) => string | undefined];

export const HEADER = '{"alg":"EdDSA","typ":"JWT","kid":"ed"}';

export const payloadOf = (world: TokenWorld) => JSON.stringify(world.claims());
export const withHeader = (header: string) => (world: TokenWorld) => signRaw(header, payloadOf(world));
export const withPayload = (change: (payload: string) => string) => (world: TokenWorld) => signRaw(HEADER, change(payloadOf(world)));
export const parts = (token: string): readonly [string, string, string] => {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature];
};
export const changed = (index: number, change: (part: string) => string) => (world: TokenWorld) =>
  parts(world.sign())
    .map((part, at) => (at === index ? change(part) : part))
    .join('.');
