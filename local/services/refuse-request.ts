import type { IncomingHttpHeaders } from 'node:http';

/**
 * The reason to refuse a request. Any web page can make a browser send requests to this machine, so the endpoint accepts only requests
 * that name it as host and do not come from another site.
 *
 * - A foreign `Host` is DNS rebinding: a page's host name that resolves to 127.0.0.1.
 * - A foreign `Origin` or `Sec-Fetch-Site` is a form or script of another site. Browsers set both; scripts cannot change them.
 *   AWS SDKs and the AWS CLI send neither.
 *
 * @param port the endpoint's port
 * @returns `undefined` if the request is accepted
 * @see https://fetch.spec.whatwg.org/#origin-header
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function refusal({ host, origin, 'sec-fetch-site': site }: IncomingHttpHeaders, port: number): string | undefined {
  if (host === undefined || !isOwnHost(host, port)) {
    return `The Host ${quoted(host)} is not this endpoint's: use http://127.0.0.1:${port} or http://localhost:${port}`;
  }
  if (origin !== undefined && !(origin.startsWith('http://') && isOwnHost(origin.slice('http://'.length), port))) {
    return `The request was made by another site (Origin ${quoted(origin)}): web pages may not use this endpoint`;
  }
  if (site === 'cross-site' || site === 'same-site') {
    return `The request was made by another site (Sec-Fetch-Site ${site}): web pages may not use this endpoint`;
  }
  return undefined;
}

/** SDKs that address buckets by host (`bucket.localhost`) need names under localhost, which cannot be registered (RFC 6761). */
const OWN_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[a-z0-9_.-]+\.)?localhost)$/i;

function isOwnHost(host: string, port: number): boolean {
  const [, name = host, given = '80'] = /^(.*):(\d+)$/.exec(host) ?? [];
  return given === String(port) && OWN_NAME.test(name);
}

function quoted(value: string | undefined): string {
  return JSON.stringify(value?.slice(0, 100) ?? '');
}
