import { generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { DataHealth } from './data-health.ts';
import {
  type PublicKey,
  readSigningKeys,
  type SigningAlgorithm,
  type SigningKey,
  signingKey,
  writeSigningKeys,
} from './signing-key-file.ts';

const HASHES: Readonly<Record<SigningAlgorithm, string>> = { RS256: 'sha256', ES384: 'sha384' };
const generate = promisify(generateKeyPair);

/** STS's keys for JSON Web Tokens: one for each algorithm, made when the first is needed. */
export class SigningKeys {
  readonly #file: string | undefined;
  readonly #health: DataHealth;
  #keys: Promise<readonly SigningKey[]> | undefined;

  /**
   * @param file keeps the keys. @default none: they end with the process
   * @throws DataDirectoryDamagedError
   */
  constructor({ file, health }: { readonly file?: string | undefined; readonly health: DataHealth }) {
    this.#file = file;
    this.#health = health;
    const kept = file === undefined ? [] : readSigningKeys(file);
    if (kept.length > 0) this.#keys = Promise.resolve(kept);
  }

  async publicKeys(): Promise<readonly PublicKey[]> {
    return (await this.#all()).map(({ publicKey }) => publicKey);
  }

  /** Signs a JSON Web Token (RFC 7519) in the compact form of RFC 7515. */
  async signToken(claims: object, algorithm: SigningAlgorithm): Promise<string> {
    const key = (await this.#all()).find((candidate) => candidate.algorithm === algorithm);
    if (key === undefined) throw new Error(`There is no key for ${algorithm}`);
    const header = { alg: algorithm, kid: key.publicKey.kid, typ: 'JWT' };
    const content = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    // RFC 7518 has the two numbers of an ECDSA signature side by side.
    const signature = sign(HASHES[algorithm], Buffer.from(content), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  }

  #all(): Promise<readonly SigningKey[]> {
    this.#keys ??= this.#make();
    return this.#keys;
  }

  async #make(): Promise<readonly SigningKey[]> {
    const [rsa, ec] = await Promise.all([generate('rsa', { modulusLength: 2048 }), generate('ec', { namedCurve: 'P-384' })]);
    const keys = [signingKey('RS256', rsa.privateKey), signingKey('ES384', ec.privateKey)];
    this.#save(keys);
    return keys;
  }

  #save(keys: readonly SigningKey[]): void {
    if (this.#file === undefined) return;
    try {
      writeSigningKeys(this.#file, keys);
    } catch (error) {
      this.#health.report(error);
      throw this.#health.failure ?? error;
    }
  }
}
