const TRACES_PATH = '/v1/traces';

/**
 * The URL to which traces are sent: an endpoint without the path of a signal gets it, as `OTEL_EXPORTER_OTLP_ENDPOINT` does.
 *
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp
 * @throws TypeError if it is not a URL
 */
export function otlpTracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (!url.pathname.endsWith(TRACES_PATH)) url.pathname = `${url.pathname.replace(/\/$/, '')}${TRACES_PATH}`;
  return url.href;
}

/** The region of CloudWatch's own endpoint, whose requests are signed with the function's role. `undefined` for other endpoints. */
export const cloudWatchRegion = (endpoint: string): string | undefined =>
  /^xray\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(URL.parse(endpoint)?.hostname ?? '')?.[1];
