import type { $ZodType, output } from 'zod/v4/core';
import type { ContentReference } from '../../../events/content-reference.ts';
import type { Envelope, Metadata } from '../../../events/envelope.ts';
import type { FoundAgent, FoundFilter } from '../../../events/found-agent.ts';
import type { ModelUsage } from '../../../events/model-usage.ts';
import type { Classification } from '../failure/classify.ts';
import type { Logger } from '../ports.ts';

/**
 * Something that an agent can do, in the form of an A2A agent card's skill.
 *
 * @see https://a2a-protocol.org/latest/specification/ (AgentSkill)
 */
export interface Capability {
  /** The name that other agents ask for, e.g. `sentiment-analysis`: 2 to 48 lower-case letters, digits and hyphens. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Requests that it can answer, as a person would put them. @default none */
  readonly examples?: readonly string[];
}

/** How often and how soon the mesh tries a failed message again. Delays have full jitter: uniform in (0, delay]. */
export interface RetryPolicy {
  /** Retries after the first attempt, 0 to 8. @default 3 */
  readonly maxRetries: number;
  /** The delay before the first retry, 1 to 900; it doubles with each one. @default 1 */
  readonly baseDelaySeconds: number;
  /** The longest delay, 1 to 42,000, even where a Retry-After asks for more. @default 900 */
  readonly maxDelaySeconds: number;
}

/** A message as a handler receives it: deduplicated, validated, its content checked. The envelope and the metadata are frozen. */
export interface Message<Data = unknown> {
  /** Unique for its `source`. */
  readonly id: string;
  /** The producer, a URI reference; `/agents/<agent id>` for a message of an agent. */
  readonly source: string;
  /** The CloudEvents type. */
  readonly type: string;
  /** When it was produced, ISO 8601. */
  readonly time: string;
  readonly subject: string | undefined;
  /** The output of the input schema. */
  readonly data: Data;
  /** Small facts that travel with the whole journey. */
  readonly metadata: Metadata;
  /** The same on every message of one journey; the id of its first message unless the producer set another. */
  readonly correlationId: string;
  /** 0 at first; each redrive adds 1. */
  readonly generation: number;
  /** 1 on the first attempt of this generation. */
  readonly attempt: number;
  /** The whole CloudEvents event. */
  readonly envelope: Envelope;
}

/**
 * The sender of a message, as the mesh has authenticated it.
 *
 * @see docs/security.md
 */
export interface Sender {
  /** `agent:<id>`, `producer:<id>`, or `subject:<issuer id> <subject>` (the holder of a token); `anyone` with `authentication: 'none'`. */
  readonly name: string;
  /** The `SenderId` that SQS stamped on the message: `AROAEXAMPLE:posthorn-dev-greeting` of a role's session, `AIDAEXAMPLE` of a user. */
  readonly senderId: string;
  /** The user on whose behalf it sends: the envelope's `authid`, from a sender that may set it; otherwise `undefined`. */
  readonly onBehalfOf: string | undefined;
}

/** How a handler's message differs from what the mesh would make of it. */
export interface SendOptions {
  /** The CloudEvents type. @default `<agent id>.sent`, or `<agent id>.reply` for a reply */
  readonly type?: string | undefined;
  /** @default the subject of the current message */
  readonly subject?: string | undefined;
  /** Added to the current message's metadata, all of which goes downstream. @default none */
  readonly metadata?: Metadata | undefined;
  /**
   * The id of the agent that receives the replies to this message: for an answer to this agent its own id, with `receivesReplies` in its
   * definition. @default that of the current message
   */
  readonly replyTo?: string | undefined;
  /**
   * Whose work it is: 1 to 128 letters, digits and punctuation characters of ASCII. One tenant's many messages do not delay those of others.
   *
   * @default that of the current message
   * @see docs/writing-an-agent.md
   */
  readonly tenant?: string | undefined;
  /** Stored content ({@link Context.store}) to send in place of JSON data. @default none */
  readonly content?: ContentReference | undefined;
  /** The mesh rejects the message if its handling has not begun by then. @default that of the current message */
  readonly expiresAt?: Date | undefined;
}

/** An agent by what it can do: the mesh finds one that matches. */
export interface CapabilityTarget<Called extends string = string> {
  /** A capability that the definition lists in `calls`. */
  readonly capability: Called;
  /** A range of semantic versions, e.g. `>=2.0`. Pre-releases match only a range that names one. @default any */
  readonly version?: string | undefined;
  /** The longest 95th percentile of waiting and handling at that agent in the last minutes. @default any */
  readonly maxLatencyMs?: number | undefined;
  /** Whether an agent that has handled nothing in the last minutes matches `maxLatencyMs`. @default 'include' */
  readonly unmeasured?: 'include' | 'exclude' | undefined;
}

/** What a handler works with. Its sends and replies become visible with the commit of the current message, once, or not at all. */
export interface Context<Target extends string = string, ActionName extends string = string, Called extends string = string> {
  /**
   * Sends data to another agent once the current message is committed. Data over 8 KiB travels as a claim check.
   * A send that fails fails the attempt, whether it is awaited or not. A send after the handler has ended has no effect.
   *
   * An agent with a capability is chosen at this moment, and recorded with the message: it is that agent's, however often it is sent. The
   * messages of one journey (correlation id) have the same agent, unless weights or versions change. If there is none, the current message
   * is put back, without counting an attempt: the agent may be on its way in a deployment.
   *
   * @param target the id of an agent that the definition lists in `sendsTo`; or a capability that it lists in `calls`
   * @param data a value that JSON can carry; `undefined` with {@link SendOptions.content}
   * @throws PermanentError `UnknownTarget`, `InvalidTarget`, `UnsendableData`
   * @example
   * ```ts
   * await context.send({ capability: 'sentiment-analysis', version: '>=2.0' }, { text: 'Lovely.' });
   * ```
   * @see docs/discovery.md
   */
  send(target: Target | CapabilityTarget<Called>, data: unknown, options?: SendOptions): Promise<void>;
  /**
   * The agents that offer a capability, as `send` knows them: those with the highest weight first, then those with the newest version. It
   * asks nobody where the last answer is less than ten seconds old. To send to one of them, send to the capability: a message of this
   * journey goes to the agent that the weights say.
   *
   * @param query `capability` is one that the definition lists in `calls`
   * @returns none where no agent matches
   * @throws PermanentError `UnknownTarget`, `InvalidTarget`. While the registry cannot be read and this process knows nothing, the message
   *   is put back, without counting an attempt.
   * @example
   * ```ts
   * const [best] = await context.findAgents({ capability: 'sentiment-analysis', version: '>=2.0', maxLatencyMs: 100, healthy: true });
   * ```
   * @see docs/discovery.md
   */
  findAgents(query: CapabilityTarget<Called> & FoundFilter): Promise<readonly FoundAgent[]>;
  /**
   * Replies to the current message: to the agent that it names in `replyto`, otherwise to the mesh's replies queue.
   * The reply is sent after the commit, as `send` is.
   *
   * The agent must receive replies (`receivesReplies` in its definition) or be in this one's `sendsTo`. A reply that cannot go to its agent
   * goes to the replies queue, which is logged. If the registry cannot be read to find that out, the current message is put back, without
   * counting an attempt.
   *
   * @param options for an agent that only receives replies, a `type` of your own must end in `.reply`
   * @throws PermanentError `UnsendableData`
   * @see docs/discovery.md
   */
  reply(data: unknown, options?: SendOptions): Promise<void>;
  /**
   * Puts content into the content bucket under its digest. Storing the same bytes again changes nothing.
   *
   * @param contentType the media type, e.g. `text/markdown`
   * @throws TransientError when the content store cannot answer now
   */
  store(bytes: Uint8Array | string, contentType: string): Promise<ContentReference>;
  /**
   * Runs `work` and records its duration in milliseconds as a metric of this agent, also when it throws. Where spans are exported it is a
   * {@link Context.span} as well.
   */
  timer<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result>;
  /**
   * Runs `work` in a span of the message's trace, where the stage exports spans; otherwise it just runs it. Spans that begin in `work` are
   * within this one, also after an `await`. Export never fails or delays the message.
   *
   * @param name of the operation and not of its data, e.g. `ask model`: at most 256 characters
   * @throws what `work` throws
   * @example
   * ```ts
   * const answer = await context.span('ask model', () => model.ask(question));
   * ```
   * @see docs/tracing.md
   */
  span<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result>;
  /**
   * Limits the calls of one kind that run at the same time in this process, of all its messages together. An agent has up to `concurrency`
   * processes, each with its own turns.
   *
   * The function that it returns runs its argument when it has a turn; turns are given in the order in which they are asked for. A call's
   * turn ends with the call, also when it throws, at the latest at the message's deadline: pass {@link Context.signal} to it. A message that
   * still waits then gets the error of its deadline.
   *
   * @param name of what is called, e.g. `openai`
   * @param maxCalls a whole number from 1, the same wherever the agent uses the name
   * @returns a function that rejects with what its argument throws, with the reason of {@link Context.signal} while it waits, and with a
   *   PermanentError `InvalidLimit` for another `maxCalls` than elsewhere, or one that is no whole number from 1
   * @example
   * ```ts
   * const llm = context.limit('openai', 4);
   * const answer = await llm(() => model.ask(question, { signal: context.signal }));
   * ```
   * @see docs/writing-an-agent.md
   */
  limit(name: string, maxCalls: number): <Result>(work: () => Result | Promise<Result>) => Promise<Result>;
  /** Adds to a metric of this agent. @param increment @default 1 */
  counter(name: string, increment?: number): void;
  /**
   * Records what a call of a model used, under the names of OpenTelemetry's GenAI conventions. Several calls add up by model. The ledger
   * keeps it with the attempt, also of one that fails: `posthorn trace` adds up what a journey used, and the share of its retries. A call
   * after the handler has ended has no effect.
   *
   * @param usage `model` as `gen_ai.response.model`, at most 128 characters and 10 models an attempt; `inputTokens` as
   *   `gen_ai.usage.input_tokens` and `outputTokens` as `gen_ai.usage.output_tokens`, whole numbers
   * @throws PermanentError `InvalidUsage`
   * @example
   * ```ts
   * function report(context: Context, answer: { model: string; usage: { input_tokens: number; output_tokens: number } }): void {
   *   const { input_tokens: inputTokens, output_tokens: outputTokens } = answer.usage;
   *   context.usage({ model: answer.model, inputTokens, outputTokens });
   * }
   * ```
   */
  usage(usage: ModelUsage): void;
  /** The sender of the message; of a redriven message, the sender of the original. */
  readonly sender: Sender;
  /**
   * Ensures that {@link Context.sender} may do a further action, for permissions that depend on the message's data. The mesh has already
   * checked the action of the message's type. With `authentication: 'none'` every action is allowed.
   *
   * @param action an action that the definition lists in `actions`
   * @throws PermanentError `Forbidden` if no rule allows the action. It rejects the message; `classify` does not see it.
   * @see docs/writing-an-agent.md
   */
  authorize(action: ActionName): void;
  /** Its lines carry the ids of the trace, the message and the agent. */
  readonly logger: Logger;
  /** Aborts when the message's time is up: pass it to `fetch` and SDK calls. */
  readonly signal: AbortSignal;
  /** The same for every attempt of this message, in printable ASCII: pass it to services that take an idempotency key. */
  readonly idempotencyKey: string;
  /** Milliseconds until `signal` aborts. */
  remainingTimeMs(): number;
}

/**
 * An action of an agent: the types of the messages that ask for it, and roles that may do it. Agents of the same app that name this one in
 * `sendsTo` may do all actions except `redrive`.
 *
 * @see docs/writing-an-agent.md
 */
export interface Action {
  /** CloudEvents types, each in one action only. A type that no action names has the action `handle`. @default none */
  readonly types?: readonly string[];
  /** Ids of roles of the policy that may do the action. The policy may allow it to further roles. @default none */
  readonly allow?: readonly string[];
}

/** An agent: its identity, its input, its limits and its handler. {@link defineAgent} makes it. */
export interface AgentDefinition<
  Schema extends $ZodType = $ZodType,
  Target extends string = string,
  Id extends string = string,
  ActionName extends string = string,
  Called extends string = string,
> {
  /** Unique in the mesh, and the name of its folder: 2 to 48 lower-case letters, digits and hyphens. */
  readonly id: Id;
  /** A semantic version, e.g. `1.0.0`. */
  readonly version: string;
  readonly description: string;
  /** At least one. */
  readonly capabilities: readonly Capability[];
  /** Schema of the message's data (zod or zod/mini); a message that does not fit is rejected as `ValidationError`. */
  readonly input: Schema;
  /** The ids of the agents that this one may send to; its role may use no other inbox. @default [] */
  readonly sendsTo: readonly Target[];
  /** The capabilities that this agent may send to: its role may use the inboxes of agents that offer them. At most 20. @default [] */
  readonly calls: readonly Called[];
  /**
   * Whether every agent of the mesh may reply to this one, with messages whose type ends in `.reply`. It gets them as messages of its own:
   * `input` must fit them, too. So agents ask each other by capability, and neither names the other.
   *
   * @default false
   * @see docs/discovery.md
   */
  readonly receivesReplies: boolean;
  /**
   * Actions that the policy may allow to senders, by name, e.g. `process_documents`: 1 to 48 lower-case letters, digits, hyphens and
   * underscores, beginning with a letter.
   *
   * @default {}
   */
  readonly actions: { readonly [Name in ActionName]?: Action };
  readonly retry: RetryPolicy;
  /** Batches handled at the same time: the event source mapping's maximumConcurrency, 2 to 1000. @default 10 */
  readonly concurrency: number;
  /**
   * The longest that a message should wait before it is received, 1 to 43200. Producers of `createProducer` send no faster than keeps the wait
   * below it, and an alarm tells of a longer one.
   *
   * @default 30
   * @see docs/backpressure.md
   */
  readonly latencyGoalSeconds: number;
  /** The function's timeout, 1 to 900. The deadline of a message is a little before it. @default 30 */
  readonly timeoutSeconds: number;
  /** 128 to 10240. @default 512 */
  readonly memoryMb: number;
  /** One attempt at a time, by a lease: for handlers whose effects elsewhere must not overlap, or for expensive work. @default false */
  readonly exclusive: boolean;
  /** Environment variables of the function, beside the mesh's own. A stage's settings may override a value. @default {} */
  readonly environment: Readonly<Record<string, string>>;
  /** Classifies an error before the mesh does; `undefined` leaves the error to the mesh. @default none */
  readonly classify: ((error: unknown) => Classification | undefined) | undefined;
  /**
   * Handles one message. The ledger records the returned value as the result (JSON; `undefined` for none). An error fails the attempt.
   */
  handle(message: Message<output<Schema>>, context: Context<Target, ActionName, Called>): Promise<unknown>;
}
