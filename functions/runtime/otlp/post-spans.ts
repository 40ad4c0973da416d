import type { Fetch } from '../ports.ts';
import type { PostSpans } from './span-export.ts';

/** The headers that authenticate a request of spans. */
export interface RequestHeaders {
  headersFor(body: Uint8Array): Promise<Readonly<Record<string, string>>>;
  /** The endpoint did not accept them: they may be outdated. */
  refused(): void;
}

/**
 * Sends spans to an OTLP endpoint in JSON. Neither headers nor the path, which may contain a key, are in its errors.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function postTo(url: string, { fetch, headers }: { readonly fetch: Fetch; readonly headers: RequestHeaders }): PostSpans {
  const { origin } = new URL(url);
  return async (body, signal) => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await headers.headersFor(body)) },
      body,
      redirect: 'error',
      signal,
    } as const;
    const response = await fetch(url, request).catch((cause: unknown) => {
      signal.throwIfAborted();
      // A connection that was kept while the process was frozen may be closed by now.
      if (cause instanceof TypeError) return fetch(url, request);
      throw cause;
    });
    await response.body?.cancel();
    if (response.ok) return;
    if (response.status === 401 || response.status === 403) headers.refused();
    throw new Error(`the OTLP endpoint ${origin} answered HTTP ${response.status}`);
  };
}
