import { secureUrlFault } from '../../../events/secure-url.ts';
import type { Clock, Fetch } from '../ports.ts';
import { type KeySet, parseKeySet } from './key-set.ts';

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 262_144;

/** @throws Error when there is no answer in time, or it is no key set: a redirect may lead to another's keys */
export async function fetchKeySet(uri: string, { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock }): Promise<KeySet> {
  const fault = secureUrlFault(uri);
  if (fault !== undefined) throw new Error(`jwksUri ${fault}`);
  const abort = new AbortController();
  const timeout = Promise.withResolvers<never>();
  const cancel = clock.after(TIMEOUT_MS, () => {
    const late = new Error(`no answer in ${TIMEOUT_MS} ms`);
    timeout.reject(late);
    abort.abort(late);
  });
  try {
    return parseKeySet(await Promise.race([read(uri, fetch, abort.signal), timeout.promise]));
  } finally {
    cancel();
  }
}

async function read(uri: string, fetch: Fetch, signal: AbortSignal): Promise<string> {
  const response = await fetch(uri, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (response.status === 200 && !response.redirected) return readBounded(response);
  await response.body?.cancel();
  throw new Error(response.redirected ? 'the address redirects, which is not followed' : `HTTP ${response.status}`);
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
