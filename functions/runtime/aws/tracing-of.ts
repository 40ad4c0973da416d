import { OtlpTracing } from '../otlp/otlp-tracing.ts';
import type { SpanAttributes, Tracing } from '../ports.ts';
import type { Environment } from './environment.ts';
import type { postSpansTo, TracingContext } from './span-endpoint.ts';

/** Where an agent's spans go; `undefined` without an endpoint. What it takes to send them is loaded with one. */
export function tracingOf(environment: Environment, context: TracingContext): Tracing | undefined {
  const { POSTHORN_OTLP_ENDPOINT: endpoint } = environment;
  if (endpoint === undefined) return undefined;
  const loading = import('./span-endpoint.ts').then(({ postSpansTo }) => postSpansTo(endpoint, environment, context));
  // The first post rejects with it.
  loading.catch(() => undefined);
  const post: ReturnType<typeof postSpansTo> = async (body, signal) => (await loading)(body, signal);
  return new OtlpTracing({ resource: resourceOf(environment, context), post, clock: context.clock });
}

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
