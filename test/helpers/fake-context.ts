import { createHash } from 'node:crypto';
import type { ContentReference } from '../../events/content-reference.ts';
import type { Context, Message, SendOptions } from '../../functions/runtime/agent/agent.ts';
import { Content } from '../../functions/runtime/content/content.ts';
import type { Logger } from '../../functions/runtime/ports.ts';

export interface Sent {
  readonly target: string;
  readonly data: unknown;
  readonly options: SendOptions | undefined;
}

/** A context that keeps what a handler does with it. */
export interface FakeContext extends Context {
  readonly sent: readonly Sent[];
  readonly replies: readonly unknown[];
  /** Stored text by its digest. */
  readonly stored: ReadonlyMap<string, string>;
  readonly counters: ReadonlyMap<string, number>;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export function fakeContext({
  signal = new AbortController().signal,
  idempotencyKey = 'key-1',
}: {
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
} = {}): FakeContext {
  const sent: Sent[] = [];
  const replies: unknown[] = [];
  const stored = new Map<string, string>();
  const counters = new Map<string, number>();
  return {
    sent,
    replies,
    stored,
    counters,
    signal,
    idempotencyKey,
    logger: silent,
    remainingTimeMs: () => 10_000,
    timer: async (_name, work) => work(),
    counter: (name, increment = 1) => {
      counters.set(name, (counters.get(name) ?? 0) + increment);
    },
    send: async (target, data, options) => {
      sent.push({ target, data: asJson(data), options });
    },
    reply: async (data) => {
      replies.push(asJson(data));
    },
    store: async (bytes, contentType) => {
      const buffer = Buffer.from(bytes);
      const reference = referenceOf(buffer, contentType);
      stored.set(reference.digest, buffer.toString());
      return reference;
    },
  };
}

export function fakeMessage<Data>(data: Data, overrides: Partial<Message<Data>> = {}): Message<Data> {
  const envelope = { specversion: '1.0', id: 'm-1', source: '/test', type: 'test', time: '2026-01-01T00:00:00Z' } as const;
  return {
    ...envelope,
    subject: undefined,
    data,
    metadata: {},
    correlationId: 'm-1',
    generation: 0,
    attempt: 1,
    envelope,
    ...overrides,
  };
}

/** Content that is simply there. */
export class FakeContent extends Content {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly digest: string;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array | string, contentType: string) {
    super();
    this.#bytes = Buffer.from(bytes);
    this.contentType = contentType;
    this.sizeBytes = this.#bytes.length;
    this.digest = referenceOf(this.#bytes, contentType).digest;
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes;
  }

  async text(): Promise<string> {
    return this.#bytes.toString();
  }
}

export function referenceOf(bytes: Uint8Array, contentType: string): ContentReference {
  const hex = createHash('sha256').update(bytes).digest('hex');
  return { uri: `s3://content/sha-256/${hex}`, digest: `sha-256:${hex}`, sizeBytes: bytes.length, contentType };
}

/** What the receiver gets: `undefined` does not travel. */
function asJson(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data));
}
