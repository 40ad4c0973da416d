import { errorProperty, errorText } from './error-property.ts';

/** Deeper causes are not read: an error may be its own cause. */
const MAX_DEPTH = 8;

/**
 * What failed about a connection and where to, by the innermost cause that says it: `ECONNREFUSED 127.0.0.1:9999`, `ENOTFOUND host`.
 * An error of `fetch` has it as its cause, one of a host with several addresses as one error for each. Neither path, query nor
 * credentials are in it. Never throws.
 *
 * @returns `undefined` where no cause is a failed connection
 */
export function connectionFailure(error: unknown): string | undefined {
  let found: string | undefined;
  for (let current = error, depth = 0; current !== undefined && current !== null && depth < MAX_DEPTH; depth++) {
    found = describe(current) ?? found;
    current = errorProperty(current, 'cause') ?? firstOf(errorProperty(current, 'errors'));
  }
  return found;
}

function describe(error: unknown): string | undefined {
  const code = errorProperty(error, 'code');
  if (typeof code !== 'string' || !/^[A-Z][A-Z_]{2,39}$/.test(code)) return undefined;
  const socket = errorProperty(error, 'socket');
  const host = text(error, 'address') ?? text(error, 'hostname') ?? text(socket, 'remoteAddress');
  if (host === undefined) return attemptedAddress(error, code);
  const port = errorProperty(error, 'port') ?? errorProperty(socket, 'remotePort');
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `${code} ${shownHost}${typeof port === 'number' ? `:${port}` : ''}`;
}

/** undici has no property for it: `Connect Timeout Error (attempted address: example.com:443, timeout: 10000ms)`. */
function attemptedAddress(error: unknown, code: string): string | undefined {
  const address = /\(attempted address(?:es)?: ([\w.:[\]-]+)/.exec(errorText(error, 'message') ?? '')?.[1];
  return address === undefined ? undefined : `${code} ${address}`;
}

function text(value: unknown, name: string): string | undefined {
  const property = errorProperty(value, name);
  return typeof property === 'string' && property !== '' ? property : undefined;
}

const firstOf = (errors: unknown): unknown => (Array.isArray(errors) ? errors[0] : undefined);
