import type { VerifySignature } from '../ports.ts';
import { keyFault } from './key-fault.ts';
import { refused } from './token-refused.ts';

// Loading jose takes 7 ms and more on a cold start: an agent without tokens does not pay for it.
let loading: Promise<typeof import('jose/jws/compact/verify')> | undefined;

/** Verifies signatures by jose. */
export const verifySignature: VerifySignature = async (token, keys, algorithm) => {
  const usable = keys.filter((key) => keyFault(key, algorithm) === undefined);
  if (usable.length === 0) throw keyRefused(keys.map((key) => keyFault(key, algorithm)).join('; '));
  loading ??= import('jose/jws/compact/verify').catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  const { compactVerify } = await loading;
  for (const key of usable) {
    try {
      // jose keeps what it made of a key as long as the key itself.
      await compactVerify(token, key, { algorithms: [algorithm] });
      return;
    } catch (cause) {
      if (!isSignatureFailure(cause)) throw keyRefused('cannot be read', { cause });
    }
  }
  throw refused(
    'TokenSignatureInvalid',
    "the token's signature: does not match its header and payload with the issuer's key: send the token unchanged",
  );
};

const isSignatureFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';

const keyRefused = (fault: string, options?: ErrorOptions) =>
  refused('TokenKeyRefused', `token header kid: the issuer's key ${fault}: have the issuer sign with a suitable key`, options);
