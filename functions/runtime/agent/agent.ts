import type { $ZodType, output } from 'zod/v4/core';
import type { ContentReference } from '../../../events/content-reference.ts';
import type { Envelope, Metadata } from '../../../events/envelope.ts';
import type { Classification } from '../failure/classify.ts';
import type { Logger } from '../ports.ts';

/** A skill as an A2A agent card states it. @see https://a2a-protocol.org/latest/specification/ (AgentSkill) */
export interface Capability {
  /** The name that others ask for, e.g. `sentiment-analysis`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly examples?: readonly string[];
}

/** How often and how soon a failed message is tried again. Delays have full jitter: uniform in (0, delay]. */
export interface RetryPolicy {
  /** Retries after the first attempt. @default 3 */
  readonly maxRetries: number;
  /** The delay before the first retry; it doubles with each one. @default 1 */
  readonly baseDelaySeconds: number;
  /** No delay is longer, not even one that a Retry-After asks for. @default 900 */
  readonly maxDelaySeconds: number;
}

/** A message as the handler sees it: deduplicated, validated, its content checked. */
export interface Message<Data = unknown> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string | undefined;
  /** What the input schema made of the data. */
  readonly data: Data;
  /** Small facts that travel with the whole journey. */
  readonly metadata: Metadata;
  /** The same on every message of one journey; the id of its first message unless the producer set another. */
  readonly correlationId: string;
  readonly generation: number;
  /** 1 on the first attempt of this generation. */
  readonly attempt: number;
  readonly envelope: Envelope;
}

export interface SendOptions {
  /** CloudEvents type. @default `<sending agent>.sent` */
  readonly type?: string | undefined;
  /** CloudEvents subject. @default the handled message's */
  readonly subject?: string | undefined;
  /** Added to the metadata that goes downstream anyway. */
  readonly metadata?: Metadata | undefined;
  /** The agent that replies to this message go to. @default the handled message's `replyto` */
  readonly replyTo?: string | undefined;
  /** Stored content ({@link Context.store}) to send in place of JSON data. */
  readonly content?: ContentReference | undefined;
  /** From then on the message is rejected as `Expired`. @default the handled message's `expirytime` */
  readonly expiresAt?: Date | undefined;
}

/** What a handler works with. Its sends, replies and stored results become visible with the commit, or not at all. */
export interface Context<Target extends string = string> {
  /**
   * Sends data to another agent once the handled message is committed. Data over 8 KiB travels as a claim check.
   * A send that fails fails the attempt, whether it is awaited or not; one after the handler has ended has no effect.
   *
   * @param target an agent id that the definition lists in `sendsTo`
   * @param data anything JSON can carry; `undefined` with {@link SendOptions.content}
   * @throws PermanentError `UnknownTarget`, `UnsendableData`
   */
  send(target: Target, data: unknown, options?: SendOptions): Promise<void>;
  /**
   * Answers the sender: the agent that the message names in `replyto`, otherwise the mesh's replies queue.
   * Sent after the commit, as `send` is.
   */
  reply(data: unknown, options?: SendOptions): Promise<void>;
  /** Puts content into the content bucket under its digest; storing the same bytes twice is free of effect. */
  store(bytes: Uint8Array | string, contentType: string): Promise<ContentReference>;
  /** Runs `work`, and records its duration in milliseconds as a metric of this agent. */
  timer<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result>;
  /** Adds to a metric of this agent. @param increment @default 1 */
  counter(name: string, increment?: number): void;
  /** Has the trace, message and agent ids on every line. */
  readonly logger: Logger;
  /** Aborts when the message's time is up: pass it to `fetch` and SDK calls. */
  readonly signal: AbortSignal;
  /** The same for every attempt of this message, in printable ASCII: pass it to services that take one. */
  readonly idempotencyKey: string;
  /** Milliseconds until `signal` aborts. */
  remainingTimeMs(): number;
}

/** An agent's definition, with its defaults filled in. Made by {@link defineAgent}. */
export interface AgentDefinition<Schema extends $ZodType = $ZodType, Target extends string = string> {
  /** Unique in the mesh, and the folder's name: lower-case letters, digits, hyphens. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly Capability[];
  /** Schema of the message's data (zod or zod/mini); a message that does not fit is rejected as `ValidationError`. */
  readonly input: Schema;
  /** The agents that this one may send to; it is granted no other queue. @default [] */
  readonly sendsTo: readonly Target[];
  readonly retry: RetryPolicy;
  /** Batches handled at the same time: the event source mapping's maximumConcurrency, 2 to 1000. @default 10 */
  readonly concurrency: number;
  /** The function's timeout; a message's own deadline is a little before it. 1 to 900. @default 30 */
  readonly timeoutSeconds: number;
  /** 128 to 10240. @default 512 */
  readonly memoryMb: number;
  /** Claims a message with a lease before handling, for handlers with effects elsewhere or a price. @default false */
  readonly exclusive: boolean;
  /** Environment of the function beside the mesh's own; a stage's settings may override a value. @default {} */
  readonly environment: Readonly<Record<string, string>>;
  /** Overrides the mesh's classification of an error; `undefined` leaves it to the mesh. */
  readonly classify: ((error: unknown) => Classification | undefined) | undefined;
  /**
   * Handles one message. The returned value (JSON, `undefined` for none) is recorded in the ledger as the result. Throwing fails the attempt.
   */
  handle(message: Message<output<Schema>>, context: Context<Target>): Promise<unknown>;
}
