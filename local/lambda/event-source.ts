import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { DeployedMapping } from '../template/deployed.ts';
import type { Delivery } from './disorder.ts';
import { failedMessages } from './failed-messages.ts';
import type { FunctionPool } from './function-pool.ts';
import type { InvocationResult } from './function-worker.ts';
import { type ReceivedMessage, sqsEvent } from './sqs-event.ts';

/** The queue as an event source mapping uses it. */
export interface MessageSource {
  receive(queueUrl: string, maxMessages: number, waitSeconds: number): Promise<readonly ReceivedMessage[]>;
  remove(queueUrl: string, receiptHandles: readonly string[]): void;
  /** Makes them visible at once. */
  putBack(queueUrl: string, receiptHandles: readonly string[]): void;
}

/** An invocation that has ended. */
export interface InvocationEvent {
  readonly functionName: string;
  readonly requestId: string;
  readonly messageIds: readonly string[];
  /** Those that stay in the queue: all of them if the invocation failed. */
  readonly failedMessageIds: readonly string[];
  /** `succeeded` also if it reports failed messages. */
  readonly outcome: InvocationResult['kind'];
  readonly error?: string;
  readonly isColdStart: boolean;
  readonly durationMs: number;
}

export interface EventSourceOptions {
  readonly region: string;
  readonly delivery: Delivery;
  onInvocation(event: InvocationEvent): void;
  /** The embedded cloud itself failed; the messages come back by their visibility timeout. */
  onError(error: unknown): void;
}

const LONG_POLL_SECONDS = 20;
/** After a failed receive: the queue was deleted, for one. */
const RETRY_POLL_MS = 1000;
/** Lambda's limit for an event. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/**
 * An event source mapping: receives batches and invokes the function with each, up to its concurrency at a time.
 * A message is received only when it can be handled, so that its visibility timeout does not run while it waits.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export class EventSource {
  readonly #mapping: DeployedMapping;
  readonly #source: MessageSource;
  readonly #pool: FunctionPool;
  readonly #options: EventSourceOptions;
  readonly #running = new Set<Promise<void>>();
  #isStopping = false;

  constructor(mapping: DeployedMapping, source: MessageSource, pool: FunctionPool, options: EventSourceOptions) {
    this.#mapping = mapping;
    this.#source = source;
    this.#pool = pool;
    this.#options = options;
  }

  start(): void {
    void this.#poll();
  }

  /** Receives no more. A receive that is waiting ends with the queues; what it brings is left to its visibility timeout. */
  stop(): void {
    this.#isStopping = true;
  }

  /** Resolves when no invocation is in flight. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#invokeNext();
      } catch (error) {
        this.#options.onError(error);
        await setTimeout(RETRY_POLL_MS, undefined, { ref: false });
      }
    }
  }

  async #invokeNext(): Promise<void> {
    const batch = await this.#receiveBatch();
    for (const part of splitByPayload(batch, MAX_PAYLOAD_BYTES)) {
      if (this.#isStopping) return;
      const running = this.#handle(part)
        .catch(this.#options.onError)
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
      while (this.#running.size >= this.#mapping.maxConcurrency) await Promise.race(this.#running);
    }
  }

  async #receiveBatch(): Promise<readonly ReceivedMessage[]> {
    const { queueUrl, batchSize, windowSeconds } = this.#mapping;
    const receive = (missing: number, waitSeconds: number) => this.#source.receive(queueUrl, Math.min(10, missing), waitSeconds);
    const batch = [...(await receive(batchSize, LONG_POLL_SECONDS))];
    const windowEndsMs = performance.now() + windowSeconds * 1000;
    while (batch.length > 0 && batch.length < batchSize && !this.#isStopping) {
      const waitSeconds = Math.min(LONG_POLL_SECONDS, (windowEndsMs - performance.now()) / 1000);
      if (waitSeconds <= 0) break;
      batch.push(...(await receive(batchSize - batch.length, waitSeconds)));
    }
    return this.#options.delivery.inSomeOrder(batch);
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
    const done = batch.filter(({ MessageId }) => !failed.has(MessageId)).map(({ ReceiptHandle }) => ReceiptHandle);
    const again = new Set(done.filter(() => this.#options.delivery.comesAgain()));
    this.#source.remove(
      queueUrl,
      done.filter((handle) => !again.has(handle)),
    );
    this.#source.putBack(queueUrl, [...again]);
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

/** Cuts a batch where the next message would take its event over the limit. Never empty parts; a single message is always one. */
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
