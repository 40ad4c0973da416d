import type { FoundAgent } from '../events/found-agent.ts';
import type { ModelUsage } from '../events/model-usage.ts';
import { addUsage } from '../functions/runtime/agent/add-usage.ts';
import type { CapabilityTarget, Context, Sender, SendOptions } from '../functions/runtime/agent/agent.ts';
import { limitsOf } from '../functions/runtime/agent/limits-of.ts';
import { PermanentError } from '../functions/runtime/failure/errors.ts';
import { referenceOf } from './fake-content.ts';
import type { LoggedLine } from './logged-line.ts';
import { recordingLogger } from './recording-logger.ts';

/** A message that a handler sent to another agent. */
export interface SentMessage {
  readonly target: string | CapabilityTarget;
  /** The data after a round trip through JSON, as the receiver gets it. */
  readonly data: unknown;
  readonly options: SendOptions | undefined;
}

/** A context that records what a handler does with it, without any effect. */
export interface FakeContext extends Context {
  readonly sent: readonly SentMessage[];
  /** Data of the replies after a round trip through JSON, as the receiver gets it. */
  readonly replies: readonly unknown[];
  /** Stored content as text, by its digest. */
  readonly stored: ReadonlyMap<string, string>;
  readonly counters: ReadonlyMap<string, number>;
  /** Names of the timers, in the order in which they ended. */
  readonly timers: readonly string[];
  /** What the handler reported of models, in its order. */
  readonly usages: readonly ModelUsage[];
  /** Names of the spans, in the order in which they ended. */
  readonly spans: readonly string[];
  readonly logs: readonly LoggedLine[];
}

/** Options of {@link fakeContext}. */
export interface FakeContextOptions {
  /** The handler's `context.signal`. @default a signal that never aborts */
  readonly signal?: AbortSignal;
  /** @default 'key-1' */
  readonly idempotencyKey?: string;
  /** The handler's `context.sender`. @default { name: 'anyone', senderId: 'AIDATEST', onBehalfOf: undefined } */
  readonly sender?: Sender;
  /** The actions that `context.authorize` allows. For others it throws `PermanentError` `Forbidden`, as in a mesh. @default all */
  readonly allowed?: readonly string[];
  /** The result of `findAgents()`, whatever is asked. @default none */
  readonly found?: readonly FoundAgent[];
  /** The result of `remainingTimeMs()`. @default 10_000 */
  readonly remainingTimeMs?: number;
}

/**
 * A context for a unit test of a handler. Its `send` accepts any target, its `authorize` the actions in `allowed`. Use {@link startMesh}
 * to test the mesh's own checks (targets, sizes, hops).
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import agent from './agent.ts';
 *
 * const context = fakeContext();
 * await agent.handle(fakeMessage({ name: 'Ada' }), context);
 * assert.deepEqual(context.replies, [{ text: 'Hello, Ada!' }]);
 * ```
 */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const {
    signal = new AbortController().signal,
    idempotencyKey = 'key-1',
    remainingTimeMs = 10_000,
    sender = ANYONE,
    allowed,
    found = [],
  } = options;
  const sent: SentMessage[] = [];
  const replies: unknown[] = [];
  const stored = new Map<string, string>();
  const counters = new Map<string, number>();
  const timers: string[] = [];
  const usages: ModelUsage[] = [];
  const spans: string[] = [];
  const logs: LoggedLine[] = [];
  const limits = limitsOf({});
  return {
    sent,
    replies,
    stored,
    counters,
    timers,
    usages,
    spans,
    logs,
    signal,
    idempotencyKey,
    logger: recordingLogger(logs, {}),
    remainingTimeMs: () => remainingTimeMs,
    sender,
    authorize: (action) => {
      if (allowed !== undefined && !allowed.includes(action))
        throw new PermanentError('Forbidden', `${sender.name} may not do '${action}'`);
    },
    timer: (name, work) => noted(timers, name, work),
    span: (name, work) => noted(spans, name, work),
    limit: (name, maxCalls) => async (work) => limits.run(name, maxCalls, signal, work),
    counter: (name, increment = 1) => {
      counters.set(name, (counters.get(name) ?? 0) + increment);
    },
    usage: (used) => {
      addUsage([], used);
      usages.push({ ...used });
    },
    send: async (target, data, sendOptions) => {
      sent.push({ target, data: asReceived(data), options: sendOptions });
    },
    findAgents: async () => found,
    reply: async (data) => {
      replies.push(asReceived(data));
    },
    store: async (bytes, contentType) => {
      const buffer = Buffer.from(bytes);
      const reference = referenceOf(buffer, contentType);
      stored.set(reference.digest, buffer.toString());
      return reference;
    },
  };
}

async function noted<Result>(names: string[], name: string, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    names.push(name);
  }
}

const ANYONE: Sender = { name: 'anyone', senderId: 'AIDATEST', onBehalfOf: undefined };

const asReceived = (data: unknown): unknown => (data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
