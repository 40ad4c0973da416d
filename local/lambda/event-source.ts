import { randomUUID } from 'node:crypto';
import type { DeployedMapping } from '../template/deployed.ts';
import type { QueueBehaviour } from './disorder.ts';
import { failedMessages } from './failed-messages.ts';
import type { FunctionPool } from './function-pool.ts';
import type { InvocationResult } from './function-worker.ts';
import { type ReceivedMessage, sqsEvent } from './sqs-event.ts';

/** The queue operations of an event source mapping. */
export interface MessageSource {
  receive(queueUrl: string, maxMessages: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  remove(queueUrl: string, receiptHandles: readonly string[]): void;
  makeVisible(queueUrl: string, receiptHandles: readonly string[]): void;
  /** Ends every waiting `receive` of the queue with the messages that are available. */
  endReceives(queueUrl: string): void;
}

/** A finished invocation. */
export interface InvocationEvent {
  readonly functionName: string;
  readonly requestId: string;
  /** Empty if no queue feeds it, but a rule. */
  readonly messageIds: readonly string[];
  /** The messages that stay in the queue: all of them if the invocation failed. */
  readonly failedMessageIds: readonly string[];
  /** `succeeded` also if it reports failed messages. */
  readonly outcome: InvocationResult['kind'];
  readonly error?: string;
  readonly isColdStart: boolean;
  readonly durationMs: number;
}

export interface EventSourceOptions {
  readonly region: string;
  readonly behaviour: QueueBehaviour;
  onInvocation(event: InvocationEvent): void;
  /** Called when the embedded cloud itself fails. The messages are redelivered after their visibility timeout. */
  onError(error: unknown): void;
}

/** As Lambda's API names it. It is `Disabling` until no receive is under way; invocations may still be. */
export type MappingState = 'Enabled' | 'Disabling' | 'Disabled' | 'Enabling';

const LONG_POLL_SECONDS = 20;
/** The pause after a failed receive, e.g. because the queue was deleted. */
const RETRY_POLL_MS = 1000;
/** Lambda's limit for an event. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/**
 * An event source mapping: it receives batches and invokes the function with each, up to its concurrency at a time.
 * It receives a message only when a worker is free, so that no visibility timeout runs while the message waits.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export class EventSource {
  #mapping: DeployedMapping;
  #pool: FunctionPool;
  readonly #source: MessageSource;
  readonly #options: EventSourceOptions;
  readonly #running = new Set<Promise<void>>();
  #polling: Promise<void> = Promise.resolve();
  /** Wakes the loop that waits for the end of an invocation, or for the next try. */
  #wake: () => void = () => undefined;
  #isStopping = false;
  #isEnabled: boolean;
  /** Whether the loop waits to be enabled. */
  #isParked = false;

  /** @param isEnabled whether it receives from the start on */
  constructor(mapping: DeployedMapping, isEnabled: boolean, source: MessageSource, pool: FunctionPool, options: EventSourceOptions) {
    this.#mapping = mapping;
    this.#isEnabled = isEnabled;
    this.#isParked = !isEnabled;
    this.#source = source;
    this.#pool = pool;
    this.#options = options;
    pool.feedByQueue();
  }

  get mapping(): DeployedMapping {
    return this.#mapping;
  }

  get state(): MappingState {
    if (this.#isEnabled) return this.#isParked ? 'Enabling' : 'Enabled';
    return this.#isParked ? 'Disabled' : 'Disabling';
  }

  /** Stops receiving, or receives again. Invocations under way end as they would. */
  enable(isEnabled: boolean): void {
    if (isEnabled === this.#isEnabled) return;
    this.#isEnabled = isEnabled;
    this.#interrupt();
  }

  start(): void {
    this.#polling = this.#poll();
  }

  /** Later invocations run the new function, in the new mapping's batches. Current ones end unchanged. */
  change(mapping: DeployedMapping, pool: FunctionPool): void {
    this.#mapping = mapping;
    this.#pool = pool;
    pool.feedByQueue();
    this.#interrupt();
  }

  /** Stops receiving. Resolves when all received messages are handled. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#interrupt();
    await this.#polling;
    await Promise.all(this.#running);
  }

  /** Ends a waiting receive, which would take the next message under the old mapping. */
  #interrupt(): void {
    this.#source.endReceives(this.#mapping.queueUrl);
    this.#wake();
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      this.#isParked = !this.#isEnabled;
      try {
        if (this.#isParked || this.#isBusy) await this.#pause();
        else await this.#invokeNext();
      } catch (error) {
        this.#options.onError(error);
        await this.#pause(RETRY_POLL_MS);
      }
    }
  }

  async #invokeNext(): Promise<void> {
    const batch = await this.#receiveBatch();
    for (const part of splitByPayload(batch, MAX_PAYLOAD_BYTES)) {
      while (this.#isBusy) await this.#pause();
      const running = this.#handle(part)
        .catch(this.#options.onError)
        .finally(() => {
          this.#running.delete(running);
          this.#wake();
        });
      this.#running.add(running);
    }
  }

  get #isBusy(): boolean {
    return this.#running.size >= this.#mapping.maxConcurrency;
  }

  async #receiveBatch(): Promise<readonly ReceivedMessage[]> {
    const { queueUrl, batchSize, windowSeconds } = this.#mapping;
    const receive = (missing: number, waitSeconds: number) => this.#source.receive(queueUrl, Math.min(10, missing), waitSeconds);
    const batch = [...(await receive(batchSize, LONG_POLL_SECONDS))];
    const windowEndsMs = performance.now() + windowSeconds * 1000;
    while (batch.length > 0 && batch.length < batchSize && this.#isEnabled && !this.#isStopping) {
      const waitSeconds = Math.min(LONG_POLL_SECONDS, (windowEndsMs - performance.now()) / 1000);
      if (waitSeconds <= 0) break;
      batch.push(...(await receive(batchSize - batch.length, waitSeconds)));
    }
    return this.#options.behaviour.ordered(batch);
  }

  /** Waits until `#wake` is called, or for so long. */
  async #pause(ms?: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = ms === undefined ? undefined : setTimeout(woken.resolve, ms).unref();
    await woken.promise;
    clearTimeout(timer);
  }

  async #handle(batch: readonly ReceivedMessage[]): Promise<void> {
    const { queueUrl, queueArn, reportsBatchItemFailures, function: deployed } = this.#mapping;
    const requestId = randomUUID();
    const messageIds = batch.map(({ MessageId }) => MessageId);
    const startedMs = performance.now();
    const { result, isColdStart } = await this.#pool.invoke(JSON.stringify(sqsEvent(batch, queueArn, this.#options.region)), requestId);
    const failed =
      result.kind !== 'succeeded'
        ? new Set(messageIds)
        : reportsBatchItemFailures
          ? failedMessages(result.response, messageIds)
          : new Set<string>();
    const handled = batch.filter(({ MessageId }) => !failed.has(MessageId)).map(({ ReceiptHandle }) => ReceiptHandle);
    const redelivered = new Set(handled.filter(() => this.#options.behaviour.redelivers()));
    this.#source.remove(
      queueUrl,
      handled.filter((handle) => !redelivered.has(handle)),
    );
    this.#source.makeVisible(queueUrl, [...redelivered]);
    this.#options.onInvocation({
      functionName: deployed.name,
      requestId,
      messageIds,
      failedMessageIds: [...failed],
      outcome: result.kind,
      ...(result.kind === 'succeeded' ? {} : { error: result.error }),
      isColdStart,
      durationMs: performance.now() - startedMs,
    });
  }
}

/** Cuts a batch where the next message would exceed the event's limit. No part is empty; a single message is never cut. */
export function splitByPayload(batch: readonly ReceivedMessage[], maxBytes: number): readonly (readonly ReceivedMessage[])[] {
  const parts: ReceivedMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of batch) {
    const size = Buffer.byteLength(JSON.stringify(message));
    if (bytes + size > maxBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(message);
    bytes += size;
  }
  return parts;
}
