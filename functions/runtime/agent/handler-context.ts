import { REPLY_SUFFIX, ruleFor } from '../../../events/access-record.ts';
import type { ContentReference } from '../../../events/content-reference.ts';
import { MAX_INLINE_BYTES } from '../../../events/envelope.ts';
import type { FoundAgent, FoundFilter } from '../../../events/found-agent.ts';
import { messageKey, type OutgoingMessage } from '../../../events/ledger-record.ts';
import type { ModelUsage } from '../../../events/model-usage.ts';
import type { Delivery, Effects } from '../delivery.ts';
import { PermanentError, TransientError } from '../failure/errors.ts';
import type { Logger } from '../ports.ts';
import type { Runtime } from '../runtime.ts';
import { forbidden, originalSender } from '../trust/sender.ts';
import { addUsage } from './add-usage.ts';
import type { CapabilityTarget, Context, Sender, SendOptions } from './agent.ts';
import { makeOutgoing, refuseTooManyHops, toJson } from './outgoing.ts';

/** An outbox or a result above this is kept as content: room for one message with the largest inline data. */
const MAX_RECORDED_BYTES = 2 * MAX_INLINE_BYTES;

type HandlerRuntime = Pick<Runtime, 'access' | 'clock' | 'contentAccess' | 'directory' | 'finder' | 'recorder' | 'settings'>;

type OutgoingOptions = SendOptions & { readonly type: string };

/** The handler's context. It collects the effects until {@link HandlerContext.close}. */
export class HandlerContext implements Context {
  readonly #delivery: Delivery;
  readonly #runtime: HandlerRuntime;
  readonly #outbox: Promise<OutgoingMessage>[] = [];
  /** Made when the handler asks for the signal: most do not, and it is a hundredth of a message's memory. */
  #controller: AbortController | undefined;
  #timeUp: Error | undefined;
  #closed = false;

  constructor(delivery: Delivery, runtime: HandlerRuntime) {
    this.#delivery = delivery;
    this.#runtime = runtime;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#timeUp !== undefined) this.#controller.abort(this.#timeUp);
    return this.#controller.signal;
  }

  /** The message's time is up. */
  abort(reason: Error): void {
    this.#timeUp = reason;
    this.#controller?.abort(reason);
  }

  get logger(): Logger {
    return this.#delivery.logger;
  }

  /** The message's key, in a form that an HTTP header can carry: an id may hold any printable character. */
  get idempotencyKey(): string {
    const { agent, envelope } = this.#delivery;
    return messageKey(agent.id, envelope.source, envelope.id.replaceAll(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent));
  }

  get sender(): Sender {
    const { decision, senderId } = this.#delivery;
    return { name: decision?.principal ?? 'anyone', senderId, onBehalfOf: decision?.onBehalfOf };
  }

  authorize(action: string): void {
    const { access, accessRecord, principal, senderId, agent } = this.#delivery;
    if (access === undefined || accessRecord === undefined) return;
    const acting = access.redrivenBy === undefined ? principal : originalSender(accessRecord, senderId, this.sender.name);
    if (acting === undefined || ruleFor(acting, action) === undefined) throw forbidden(this.sender, action, agent.id);
  }

  remainingTimeMs(): number {
    return Math.max(0, this.#delivery.deadlineAt - this.#runtime.clock.now());
  }

  send(target: string | CapabilityTarget, data: unknown, options: SendOptions = {}): Promise<void> {
    return this.#enqueue(async (index) => {
      const { agent, envelope } = this.#delivery;
      const to = typeof target === 'string' ? this.#named(target) : await this.#found(target);
      const replyTo = options.replyTo ?? envelope.replyto;
      return this.#make(to, data, { ...options, replyTo, type: options.type ?? `${agent.id}.sent` }, index);
    });
  }

  async findAgents(query: CapabilityTarget & FoundFilter): Promise<readonly FoundAgent[]> {
    this.#checkCalls(query);
    return this.#runtime.finder.list(query);
  }

  reply(data: unknown, options: SendOptions = {}): Promise<void> {
    const { agent } = this.#delivery;
    return this.#enqueue(async (index) => {
      const to = await this.#replyTarget();
      const message = await this.#make(to, data, { ...options, type: options.type ?? `${agent.id}${REPLY_SUFFIX}` }, index);
      return to === undefined ? message : { ...message, reply: true };
    });
  }

  store(bytes: Uint8Array | string, contentType: string): Promise<ContentReference> {
    // Buffer.from copies: the handler may change its bytes afterwards.
    return withoutUnhandledRejection(this.#runtime.contentAccess.store(Buffer.from(bytes), contentType));
  }

  async timer<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    const startedAt = this.#runtime.clock.now();
    try {
      return await this.span(name, work);
    } finally {
      this.#runtime.recorder.own.duration(name, this.#runtime.clock.now() - startedAt);
    }
  }

  async span<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    const { spans } = this.#delivery;
    return spans === undefined ? work() : spans.run(name, work);
  }

  limit(name: string, maxCalls: number): <Result>(work: () => Result | Promise<Result>) => Promise<Result> {
    return async (work) => {
      const { limitsOf } = await import('./limits-of.ts');
      return limitsOf(this.#runtime).run(name, maxCalls, this.signal, work);
    };
  }

  counter(name: string, increment = 1): void {
    this.#runtime.recorder.own.count(name, increment);
  }

  usage(usage: ModelUsage): void {
    const after = addUsage(this.#delivery.usage, usage);
    if (this.#closed) this.logger.warn('the agent reported usage after its attempt was over: it is not recorded', { usage: { ...usage } });
    else this.#delivery.usage = after;
  }

  /** From now on, sends and reports of the handler have no effect. */
  close(): void {
    this.#closed = true;
  }

  /** The handler's messages and result, ready for the commit. @throws the error of a send that was not awaited */
  async effects(returned: unknown): Promise<Effects> {
    this.close();
    const outbox = await Promise.all(this.#outbox);
    this.#delivery.sentCount = outbox.length;
    const outboxRef = await this.#storeIfLarge(JSON.stringify(outbox));
    const sent = outboxRef ? { outbox: [], outboxRef } : { outbox };
    if (returned === undefined) return sent;
    const json = toJson(returned);
    const resultRef = await this.#storeIfLarge(json);
    return resultRef ? { ...sent, resultRef } : { ...sent, result: JSON.parse(json) };
  }

  /** The ledger costs a write unit per KB: large values are kept as content. */
  async #storeIfLarge(json: string): Promise<ContentReference | undefined> {
    return Buffer.byteLength(json) > MAX_RECORDED_BYTES
      ? this.#runtime.contentAccess.store(Buffer.from(json), 'application/json')
      : undefined;
  }

  #enqueue(make: (index: number) => Promise<OutgoingMessage>): Promise<void> {
    if (this.#closed) {
      this.logger.warn('the agent sent a message after its attempt was over: it is not sent');
      return withoutUnhandledRejection(
        Promise.reject(new TransientError('ContextClosed', 'the attempt is over: messages sent after it have no effect')),
      );
    }
    const message = make(this.#outbox.length);
    this.#outbox.push(message);
    return withoutUnhandledRejection(message.then(() => undefined));
  }

  #named(target: string): string {
    const { agent } = this.#delivery;
    if (agent.sendsTo.includes(target) && this.#runtime.directory.names(target)) return target;
    throw new PermanentError('UnknownTarget', `agent '${agent.id}' sends to '${target}': add it to the definition's sendsTo`);
  }

  async #found(target: CapabilityTarget): Promise<string> {
    this.#checkCalls(target);
    const { envelope } = this.#delivery;
    return this.#runtime.finder.find(target, envelope.correlationid ?? envelope.id);
  }

  #checkCalls({ capability }: CapabilityTarget): void {
    const { agent } = this.#delivery;
    if (agent.calls.includes(capability)) return;
    throw new PermanentError('UnknownTarget', `agent '${agent.id}' calls the capability '${capability}': add it to the definition's calls`);
  }

  async #replyTarget(): Promise<string | undefined> {
    const { replyto } = this.#delivery.envelope;
    if (replyto === undefined) return undefined;
    const { replyTarget } = await import('./reply-target.ts');
    return replyTarget(replyto, this.#delivery, this.#runtime);
  }

  async #make(to: string | undefined, data: unknown, options: OutgoingOptions, index: number): Promise<OutgoingMessage> {
    if (to !== undefined) refuseTooManyHops(this.#delivery.envelope, to);
    const body = await makeOutgoing(this.#delivery, this.#runtime.contentAccess, index, this.#runtime.clock.now(), data, options);
    return to === undefined ? { body } : { to, body };
  }
}

/** A rejected promise that is not awaited would end the process. {@link HandlerContext.effects} reports the error of a send. */
function withoutUnhandledRejection<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
