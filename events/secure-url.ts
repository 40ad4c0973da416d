const LOCAL_HOSTS = new Set(['127.0.0.1', 'localhost']);

/**
 * The fault of a URL that sends keys or receives a secret. Without encryption, others could replace the keys and read the secret.
 *
 * @returns `undefined` for a URL without fault
 */
export function secureUrlFault(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return 'must be a URL';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or a password';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL_HOSTS.has(url.hostname))) return undefined;
  return 'must begin with https:// (http:// on 127.0.0.1 or localhost only)';
}
