const LOCAL_HOSTS = new Set(['127.0.0.1', 'localhost']);

/** Keys that came unencrypted may be anybody's. @returns what is wrong with the address of a key set; `undefined` when nothing is */
export function keysUriFault(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return 'must be a URL';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or a password';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL_HOSTS.has(url.hostname))) return undefined;
  return 'must begin with https:// (http:// on 127.0.0.1 or localhost only)';
}

/** For messages: without the query, which may be secret. */
export function shownUri(uri: string): string {
  const url = URL.parse(uri);
  return url === null ? 'no URL' : `${url.origin}${url.pathname}`;
}
