import { cloudWatchRegion, otlpTracesUrl } from '../../../events/otlp-endpoint.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import { postTo, type RequestHeaders } from '../otlp/post-spans.ts';
import type { Clock, Fetch } from '../ports.ts';
import type { ClientOptions } from './client-options.ts';
import type { Environment } from './environment.ts';
import { parameterHeaders } from './parameter-headers.ts';
import { readParameter } from './read-parameter.ts';
import type { Credentials } from './signed-headers.ts';

export interface TracingContext {
  readonly agent: Pick<AgentDefinition, 'id' | 'version'>;
  readonly meshPrefix: string;
  readonly client: ClientOptions;
  readonly credentials: Credentials;
  readonly clock: Pick<Clock, 'now'>;
  readonly fetch: Fetch;
}

/** Posts spans to an endpoint, with the headers that it asks for. */
export function postSpansTo(endpoint: string, environment: Environment, context: TracingContext): ReturnType<typeof postTo> {
  const url = otlpTracesUrl(endpoint);
  return postTo(url, { fetch: context.fetch, headers: headersFor(url, environment, context) });
}

function headersFor(url: string, { POSTHORN_OTLP_HEADERS_PARAMETER: parameter }: Environment, context: TracingContext): RequestHeaders {
  if (parameter !== undefined) return parameterHeaders(parameter, () => readParameter(parameter, context.client));
  const region = cloudWatchRegion(url);
  if (region === undefined) return NO_HEADERS;
  return {
    async headersFor(body) {
      const { signedHeaders } = await import('./signed-headers.ts');
      return signedHeaders(url, region, context.credentials).headersFor(body);
    },
    refused: () => undefined,
  };
}

const NO_HEADERS: RequestHeaders = { headersFor: async () => ({}), refused: () => undefined };
