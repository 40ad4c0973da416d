import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DataDirectoryDamagedError } from '../errors.ts';
import { readFileIfThere, replaceFile } from './small-files.ts';

export const SIGNING_ALGORITHMS = ['RS256', 'ES384'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** A key in the form of RFC 7517. */
export type PublicKey = Readonly<Record<string, unknown>> & { readonly kid: string; readonly alg: SigningAlgorithm };

export interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

const fileSchema = z.object({ keys: z.array(z.object({ algorithm: z.enum(SIGNING_ALGORITHMS), privateKey: z.string() })) });

/**
 * @returns none if there is no such file
 * @throws DataDirectoryDamagedError
 */
export function readSigningKeys(file: string): readonly SigningKey[] {
  const text = readFileIfThere(file);
  if (text === undefined) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).keys.map(({ algorithm, privateKey }) => signingKey(algorithm, createPrivateKey(privateKey)));
  } catch (error) {
    throw new DataDirectoryDamagedError(dirname(file), `${file} cannot be read`, error);
  }
}

export function signingKey(algorithm: SigningAlgorithm, privateKey: KeyObject): SigningKey {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  return { algorithm, privateKey, publicKey: { ...jwk, kid, alg: algorithm, use: 'sig' } };
}

export function writeSigningKeys(file: string, keys: readonly SigningKey[]): void {
  const content = keys.map(({ algorithm, privateKey }) => ({ algorithm, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) }));
  replaceFile(file, JSON.stringify({ keys: content }));
}
