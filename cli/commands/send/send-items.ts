import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { pMapIterable } from 'p-map';
import { isFatal } from '../../describe-error.ts';
import type { Progress } from '../../progress.ts';
import { deliver } from './deliver.ts';
import type { InputItem } from './input.ts';
import { type Pack, pack } from './pack.ts';
import { type Prepared, type PrepareOptions, prepare, type Refused } from './prepare.ts';
import { ProgressMark } from './progress-mark.ts';

export interface SendOptions extends PrepareOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Where items that were not sent are written, one a line. */
  readonly failedFile: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface SentEvent {
  readonly position: string;
  readonly id: string;
  readonly source: string;
  readonly traceparent: string | undefined;
}

export interface SendSummary {
  readonly sent: number;
  readonly failed: number;
  readonly claimChecks: number;
  /** The first ones. */
  readonly events: readonly SentEvent[];
  /** Of those that failed: what ended the sending came before them, or while they were under way. */
  readonly untried: number;
  /** The last position up to which all was sent or failed by itself. */
  readonly doneUpTo: string | undefined;
  /** The first ones that failed by themselves. */
  readonly failures: readonly { readonly position: string; readonly reason: string }[];
  /** What ended the sending before its time: nothing more was tried. */
  readonly fatal: unknown;
}

const KEPT_IN_SUMMARY = 100;
const UNTRIED = 'was not sent, because of what ended the sending';

/**
 * Sends items as fast as the queue takes them, holding only those in memory that are under way. The order is not kept.
 *
 * After an error that the next item would meet as well (nobody is there, access denied), or an interruption, nothing more is sent;
 * what is left goes to the file of failed items, if there is one.
 */
export async function sendItems(items: AsyncIterable<InputItem>, options: SendOptions): Promise<SendSummary> {
  const { sqs, queueUrl, concurrency, failedFile, progress, signal } = options;
  const failedItems = failedFile === undefined ? undefined : createWriteStream(failedFile);
  if (failedItems !== undefined) await once(failedItems, 'open');
  const events: SentEvent[] = [];
  const failures: { readonly position: string; readonly reason: string }[] = [];
  let fatal: unknown;
  let [sent, failed, untried, claimChecks, endOffset] = [0, 0, 0, 0, 0];
  const mark = new ProgressMark();

  const notTried = ({ position, endOffset: end }: InputItem | Prepared, line: Buffer | string): Refused => ({
    position,
    line,
    reason: UNTRIED,
    endOffset: end,
  });
  const stopAt = (error: unknown) => {
    fatal ??= error;
    if (failedItems === undefined) throw error;
  };
  const prepared = async (item: InputItem): Promise<Prepared | Refused> => {
    if (signal.aborted) stopAt(signal.reason);
    if (fatal !== undefined) return notTried(item, item.bytes);
    mark.begin(item.position);
    try {
      return await prepare(item, options);
    } catch (error) {
      if (isFatal(error)) {
        stopAt(error);
        return notTried(item, item.bytes);
      }
      return { ...notTried(item, item.bytes), reason: `could not be prepared: ${error instanceof Error ? error.message : error}` };
    }
  };
  const delivered = async ({
    messages,
    refused,
  }: Pack): Promise<{ readonly messages: readonly Prepared[]; readonly refused: readonly Refused[] }> => {
    if (messages.length === 0) return { messages, refused };
    if (fatal === undefined) {
      try {
        return { messages, refused: [...refused, ...(await deliver(sqs, queueUrl, messages, signal))] };
      } catch (error) {
        stopAt(error);
      }
    }
    return { messages, refused: [...refused, ...messages.map((message) => notTried(message, message.body))] };
  };

  const stages = { concurrency, backpressure: concurrency * 2, preserveOrder: false };
  try {
    const ready = pMapIterable(items, prepared, { ...stages, backpressure: concurrency * 10, concurrency: concurrency * 2 });
    for await (const { messages, refused } of pMapIterable(pack(ready), delivered, stages)) {
      const lost = new Set(refused.map((item) => item.position));
      for (const message of messages) {
        endOffset = Math.max(endOffset, message.endOffset);
        if (lost.has(message.position)) continue;
        mark.done(message.position);
        sent++;
        if (message.claimCheck) claimChecks++;
        if (message.event !== undefined && events.length < KEPT_IN_SUMMARY) events.push({ position: message.position, ...message.event });
      }
      for (const item of refused) {
        endOffset = Math.max(endOffset, item.endOffset);
        failed++;
        if (item.reason === UNTRIED) untried++;
        else {
          mark.done(item.position);
          if (failures.length < KEPT_IN_SUMMARY) failures.push({ position: item.position, reason: item.reason });
        }
        if (failedItems?.write(Buffer.concat([oneLine(item.line), LINE_FEED])) === false) await once(failedItems, 'drain');
      }
      progress.update(endOffset, sent + failed);
    }
  } catch (error) {
    fatal ??= error;
  } finally {
    progress.stop();
    if (failedItems !== undefined) await new Promise((resolve) => failedItems.end(() => resolve(undefined)));
  }
  return { sent, failed, untried, doneUpTo: mark.position, claimChecks, events, failures, fatal };
}

const LINE_FEED = Buffer.from('\n');

/** A document of several lines as one, so that what failed can be sent again from its file. */
function oneLine(line: Buffer | string): Buffer {
  const bytes = Buffer.from(line);
  if (!bytes.includes(LINE_FEED)) return bytes;
  const text = bytes.toString();
  try {
    return Buffer.from(JSON.stringify(JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return Buffer.from(JSON.stringify(text));
    throw error;
  }
}
