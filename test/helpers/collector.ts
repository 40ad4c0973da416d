import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { until } from './until.ts';

const valueSchema = z
  .object({ stringValue: z.string(), intValue: z.union([z.number(), z.string()]), doubleValue: z.number(), boolValue: z.boolean() })
  .partial()
  .transform((value) => Object.values(value)[0]);
const attributesSchema = z
  .array(z.object({ key: z.string(), value: valueSchema }))
  .default([])
  .transform((attributes) => Object.fromEntries(attributes.map(({ key, value }) => [key, value])));
const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string().regex(/^\d+$/),
  endTimeUnixNano: z.string().regex(/^\d+$/),
  attributes: attributesSchema,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().optional() }).default({ code: 0 }),
});

/** The JSON form of an OTLP request. @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(spanSchema) })),
    }),
  ),
});

export interface CollectedSpan extends z.output<typeof spanSchema> {
  readonly service: unknown;
  readonly scope: string;
}

/** Kinds of spans as OTLP numbers them. */
export const KIND = { internal: 1, producer: 4, consumer: 5 } as const;
export const ERROR_STATUS = 2;

/** How a collector answers. */
export type Answer = (response: ServerResponse) => void;
export const ACCEPT: Answer = (response) => response.setHeader('content-type', 'application/json').end('{}');
export const FAIL: Answer = (response) => response.writeHead(500).end('no');
export const NEVER: Answer = () => undefined;

/** A stand-in for an OTLP collector, on a free port. */
export class Collector implements AsyncDisposable {
  readonly url: string;
  readonly spans: CollectedSpan[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** Requests that are no OTLP, and why. */
  readonly faults: unknown[] = [];
  answer: Answer = ACCEPT;
  readonly #server: Server;

  static async start(): Promise<Collector> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new Collector(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, server);
  }

  private constructor(url: string, server: Server) {
    this.url = url;
    this.#server = server;
    server.on('request', (request, response) => void this.#take(request, response));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { resourceSpans } = requestSchema.parse(JSON.parse(await text(request)));
      if (request.method !== 'POST' || request.url !== '/v1/traces') throw new Error(`${request.method} ${request.url}`);
      this.headers.push(request.headers);
      for (const { resource, scopeSpans } of resourceSpans)
        for (const { scope, spans } of scopeSpans)
          this.spans.push(...spans.map((span) => ({ ...span, service: resource.attributes['service.name'], scope: scope.name })));
    } catch (error) {
      this.faults.push(error);
    }
    this.answer(response);
  }

  get requests(): number {
    return this.headers.length;
  }

  /** Waits for what only a request can bring. */
  async untilThere(what: string, isThere: () => boolean): Promise<void> {
    await until(what, isThere, { describe: () => `${this.spans.length} spans` });
  }

  /** The spans of a trace, once there are enough of those that `fits` asks for. */
  spansOf(traceId: string, what: string, isComplete: (spans: readonly CollectedSpan[]) => boolean): Promise<readonly CollectedSpan[]> {
    const own = () => this.spans.filter((span) => span.traceId === traceId);
    return until(`spans of ${traceId}: ${what}`, () => isComplete(own()) && own(), {
      describe: () =>
        own()
          .map(({ service, name }) => `${service}: ${name}`)
          .join(', '),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
