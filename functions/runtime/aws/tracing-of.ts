import { cloudWatchRegion, otlpTracesUrl } from '../../../events/otlp-endpoint.ts';
import type { AgentDefinition } from '../agent/agent.ts';
import { OtlpTracing } from '../otlp/otlp-tracing.ts';
import { postTo, type RequestHeaders } from '../otlp/post-spans.ts';
import type { Clock, Fetch, SpanAttributes, Tracing } from '../ports.ts';
import type { ClientOptions } from './client-options.ts';
import type { Environment } from './environment.ts';
import { parameterHeaders } from './parameter-headers.ts';
import { readParameter } from './read-parameter.ts';
import type { Credentials } from './signed-headers.ts';

interface TracingContext {
  readonly agent: Pick<AgentDefinition, 'id' | 'version'>;
  readonly meshPrefix: string;
  readonly client: ClientOptions;
  readonly credentials: Credentials;
  readonly clock: Pick<Clock, 'now'>;
  readonly fetch: Fetch;
}

/** Where an agent's spans go; `undefined` without an endpoint. */
export function tracingOf(environment: Environment, context: TracingContext): Tracing | undefined {
  const { POSTHORN_OTLP_ENDPOINT: endpoint } = environment;
  if (endpoint === undefined) return undefined;
  const url = otlpTracesUrl(endpoint);
  const post = postTo(url, { fetch: context.fetch, headers: headersFor(url, environment, context) });
  return new OtlpTracing({ resource: resourceOf(environment, context), post, clock: context.clock });
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

/** @see https://opentelemetry.io/docs/specs/semconv/resource/ */
const resourceOf = ({ AWS_REGION: region }: Environment, { agent, meshPrefix }: TracingContext): SpanAttributes => ({
  'service.name': agent.id,
  'service.version': agent.version,
  'service.namespace': meshPrefix,
  'cloud.provider': 'aws',
  'cloud.platform': 'aws_lambda',
  'cloud.region': region,
  'faas.name': `${meshPrefix}-${agent.id}`,
});
