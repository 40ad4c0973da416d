import { MAX_INLINE_BYTES } from '../../events/envelope.ts';
import type { Context, SendOptions } from './agent.ts';
import type { ContentReference } from './content.ts';
import type { ContentAccess } from './content-access.ts';
import { PermanentError, TransientError } from './errors.ts';
import type { OutgoingMessage } from './ledger-record.ts';
import { makeOutgoing, toJson } from './outgoing.ts';
import type { Effects, Passage } from './passage.ts';
import type { Logger, Ports } from './ports.ts';

/** An outbox or a result above this is kept as content: room for one message with the largest inline data. */
const MAX_RECORDED_BYTES = 2 * MAX_INLINE_BYTES;

/** What a handler is given. It collects the effects; {@link HandlerContext.close} ends that. */
export class HandlerContext implements Context {
  readonly signal: AbortSignal;
  readonly #passage: Passage;
  readonly #ports: Ports;
  readonly #content: ContentAccess;
  readonly #outbox: Promise<OutgoingMessage>[] = [];
  #closed = false;

  constructor(passage: Passage, ports: Ports, content: ContentAccess, signal: AbortSignal) {
    this.#passage = passage;
    this.#ports = ports;
    this.#content = content;
    this.signal = signal;
  }

  get logger(): Logger {
    return this.#passage.logger;
  }

  get idempotencyKey(): string {
    return this.#passage.messageKey;
  }

  remainingTimeMs(): number {
    return Math.max(0, this.#passage.deadlineAt - this.#ports.clock.now());
  }

  async send(target: string, data: unknown, options: SendOptions = {}): Promise<void> {
    if (!this.#passage.agent.sendsTo.includes(target)) {
      throw new PermanentError(
        'UnknownTarget',
        `agent '${this.#passage.agent.id}' sends to '${target}': add it to the definition's sendsTo`,
      );
    }
    await this.#enqueue(target, data, {
      replyTo: this.#passage.envelope.replyto,
      ...options,
      type: options.type ?? `${this.#passage.agent.id}.sent`,
    });
  }

  async reply(data: unknown, options: SendOptions = {}): Promise<void> {
    await this.#enqueue(this.#passage.envelope.replyto, data, { ...options, type: options.type ?? `${this.#passage.agent.id}.reply` });
  }

  store(bytes: Uint8Array | string, contentType: string): Promise<ContentReference> {
    return this.#content.store(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, contentType);
  }

  async timer<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
    const startedAt = this.#ports.clock.now();
    try {
      return await work();
    } finally {
      this.#ports.metrics.duration(name, this.#ports.clock.now() - startedAt);
    }
  }

  counter(name: string, increment = 1): void {
    this.#ports.metrics.count(name, increment);
  }

  /** Whatever a handler does from now on that outlives its deadline has no effect. */
  close(): void {
    this.#closed = true;
  }

  /** What the handler sent and returned, ready for the commit. @throws whatever a send that nobody awaited failed with */
  async effects(returned: unknown): Promise<Effects> {
    const outbox = await Promise.all(this.#outbox);
    const outboxRef = await this.#storeIfLarge(JSON.stringify(outbox));
    const sent = outboxRef ? { outbox: [], outboxRef } : { outbox };
    if (returned === undefined) return sent;
    const json = toJson(returned);
    const resultRef = await this.#storeIfLarge(json);
    return resultRef ? { ...sent, resultRef } : { ...sent, result: JSON.parse(json) };
  }

  /** The ledger costs a write unit per KB: what is large is content. */
  async #storeIfLarge(json: string): Promise<ContentReference | undefined> {
    return json.length > MAX_RECORDED_BYTES ? this.#content.store(Buffer.from(json), 'application/json') : undefined;
  }

  #enqueue(to: string | undefined, data: unknown, options: SendOptions & { readonly type: string }): Promise<unknown> {
    if (this.#closed) throw new TransientError('ContextClosed', 'the attempt is over: what is sent after it has no effect');
    if (to !== undefined) this.#ports.directory.inbox(to);
    const index = this.#outbox.length;
    const message = makeOutgoing(this.#passage, this.#content, index, this.#ports.clock.now(), data, options).then((body) =>
      to === undefined ? { body } : { to, body },
    );
    // A send that nobody awaits must not end the process; `effects` finds its error again.
    message.catch(() => undefined);
    this.#outbox.push(message);
    return message;
  }
}
