import * as z from 'zod/mini';
import type { RequestHeaders } from '../otlp/post-spans.ts';

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-field-names */
const headersSchema = z.record(
  z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)),
  z.string().check(z.regex(/^[\x21-\x7e]+([\x20\t]+[\x21-\x7e]+)*$/)),
);

/**
 * Headers from a secret, which is read when the process starts and again after a refusal.
 *
 * @param read the secret: a JSON object of strings by header name. It is in no error
 */
export function parameterHeaders(parameter: string, read: () => Promise<string>): RequestHeaders {
  let headers: Promise<Readonly<Record<string, string>>> | undefined;
  const current = () => {
    headers ??= read()
      .then((secret) => parsed(parameter, secret))
      .catch((error: unknown) => {
        headers = undefined;
        throw error;
      });
    return headers;
  };
  // The first request asks again if it fails now.
  current().catch(() => undefined);
  return {
    headersFor: current,
    refused: () => {
      headers = undefined;
    },
  };
}

function parsed(parameter: string, secret: string): Readonly<Record<string, string>> {
  const { data } = headersSchema.safeParse(jsonOf(secret));
  // No cause: the errors of JSON.parse and of fetch quote the value.
  if (data === undefined) throw new Error(`the SSM parameter ${parameter} must be a JSON object of header values by header name`);
  return data;
}

function jsonOf(secret: string): unknown {
  try {
    return JSON.parse(secret);
  } catch {
    return undefined;
  }
}
