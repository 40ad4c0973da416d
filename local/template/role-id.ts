import { createHash } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGITS = 17;

/**
 * The unique id of a role: `AROA` and 17 base32 digits. It is the same at every start, so that a policy that names it keeps its meaning.
 * IAM's own ids are random.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function roleId(roleName: string): string {
  return `AROA${base32(createHash('sha256').update(roleName).digest().subarray(0, DIGITS))}`;
}

/** A digit for each byte. */
export function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => BASE32.charAt(byte % BASE32.length)).join('');
}
