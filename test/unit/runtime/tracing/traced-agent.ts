import { OtlpTracing } from '../../../../functions/runtime/otlp/otlp-tracing.ts';
import { postTo, type RequestHeaders } from '../../../../functions/runtime/otlp/post-spans.ts';
import type { Collector } from '../../../helpers/collector.ts';
import { MemoryPorts } from '../../../helpers/memory-ports.ts';
import { startProcess, type TestingOptions } from '../pipeline/testing-agent.ts';

const NO_HEADERS: RequestHeaders = { headersFor: async () => ({}), refused: () => undefined };

/** An agent that exports its spans to a collector. */
export function startTraced(collector: Collector, options: TestingOptions = {}, headers = NO_HEADERS) {
  const ports = new MemoryPorts();
  ports.tracing = new OtlpTracing({
    resource: { 'service.name': 'testing' },
    post: postTo(`${collector.url}/v1/traces`, { fetch, headers }),
    clock: ports.clock,
  });
  return { ports, deliver: startProcess(ports, options) };
}

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const SENDER_SPAN = '00f067aa0ba902b7';
export const SAMPLED = `00-${TRACE_ID}-${SENDER_SPAN}-01`;
export const NOT_SAMPLED = `00-${TRACE_ID}-${SENDER_SPAN}-00`;
