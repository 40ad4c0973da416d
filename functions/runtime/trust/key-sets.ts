import type { Clock, Fetch } from '../ports.ts';
import { type KeySet, parseKeySet } from './key-set.ts';
import { KeysUnavailable } from './keys-unavailable.ts';
import { RemoteKeySet } from './remote-key-set.ts';
import type { KeySetDocument, TrustedIssuer } from './trusted-issuer.ts';

/** The keys of one issuer. */
export interface KeySource {
  /** As they are known now. */
  read(): Promise<KeySet>;
  /** With this key, unless the issuer has not had it since then. */
  readFor(keyId: string, sentAt: number): Promise<KeySet>;
}

/** The key sets of all issuers. A warm process fetches each of them every ten minutes. */
export class KeySets {
  readonly #ports: { readonly fetch: Fetch; readonly clock: Clock };
  readonly #remote = new Map<string, RemoteKeySet>();
  readonly #local = new WeakMap<KeySetDocument, KeySource>();

  constructor(ports: { readonly fetch: Fetch; readonly clock: Clock }) {
    this.#ports = ports;
  }

  of({ id, keys }: TrustedIssuer): KeySource {
    return 'jwks' in keys ? this.#localSource(id, keys.jwks) : this.#remoteSource(keys.jwksUri);
  }

  #remoteSource(uri: string): RemoteKeySet {
    const source = this.#remote.get(uri) ?? new RemoteKeySet(uri, this.#ports);
    this.#remote.set(uri, source);
    return source;
  }

  #localSource(id: string, document: KeySetDocument): KeySource {
    const source = this.#local.get(document) ?? localSource(id, document);
    this.#local.set(document, source);
    return source;
  }
}

/** Keys in the settings change with the settings only. */
function localSource(id: string, document: KeySetDocument): KeySource {
  let parsed: KeySet | undefined;
  const read = async (): Promise<KeySet> => {
    try {
      parsed ??= parseKeySet(JSON.stringify(document));
      return parsed;
    } catch (cause) {
      throw new KeysUnavailable(`the key set of issuer '${id}' is not valid: deploy the policy with a valid one`, { cause });
    }
  };
  return { read, readFor: read };
}
