import { type EventIdentity, MeshClientError, type MeshProducer, type SendResult } from '../../../client/index.ts';
import type { Progress } from '../../progress.ts';
import { FailedFile } from './failed-file.ts';
import type { InputItem } from './input.ts';
import { liveDetails } from './live-details.ts';
import { type PrepareItemOptions, prepareItem } from './prepare-item.ts';
import { ProgressMark } from './progress-mark.ts';

export interface SendItemsOptions extends PrepareItemOptions {
  readonly agent: string;
  readonly producer: MeshProducer;
  /** The file for items that were not sent, one a line. */
  readonly failedFile: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface SentItem extends EventIdentity {
  readonly position: string;
}

export interface SendSummary {
  readonly sent: number;
  readonly failed: number;
  readonly claimChecks: number;
  /** The first events that were sent. */
  readonly events: readonly SentItem[];
  /** Those of `failed` that were not tried, or were under way when the sending ended. */
  readonly untried: number;
  /** The last position up to which every item was sent or reported as failed. */
  readonly doneUpTo: string | undefined;
  /** The first failures, without the untried items. */
  readonly failures: readonly { readonly position: string; readonly reason: string }[];
  /** The error that ended the sending early. */
  readonly fatal: unknown;
}

const MAX_IN_SUMMARY = 100;
const TICK_MS = 500;

/** Sends items, and writes those that were not sent to the file of failed items, if one is given. */
export async function sendItems(items: AsyncIterable<InputItem>, options: SendItemsOptions): Promise<SendSummary> {
  const { producer, agent, failedFile, progress, signal } = options;
  const live = liveDetails(producer);
  const failedItems = failedFile === undefined ? undefined : await FailedFile.open(failedFile);
  const mark = new ProgressMark();
  const events: SentItem[] = [];
  const failures: { readonly position: string; readonly reason: string }[] = [];
  let fatal: unknown;
  let [sent, failed, untried, claimChecks, endOffset] = [0, 0, 0, 0, 0];

  const count = async (result: SendResult<InputItem>) => {
    const { item, message } = result;
    endOffset = Math.max(endOffset, item.endOffset);
    if (result.status === 'sent') {
      sent++;
      mark.done(item.position);
      if (result.message.claimCheck) claimChecks++;
      if (result.message.event && events.length < MAX_IN_SUMMARY) events.push({ position: item.position, ...result.message.event });
    } else {
      failed++;
      if (result.status === 'unsent') untried++;
      else {
        mark.done(item.position);
        if (failures.length < MAX_IN_SUMMARY) failures.push({ position: item.position, reason: reasonOf(result.error) });
      }
      // Written with its generated id, so that the ledger recognises the event when the file is sent again.
      await failedItems?.write(message?.body ?? item.bytes);
    }
    progress.update(endOffset, sent + failed, live(sent));
  };
  // While the producer is held back, there are no results for a while.
  const ticking = setInterval(() => progress.update(endOffset, sent + failed, live(sent)), TICK_MS).unref();
  const prepare = (item: InputItem) => {
    mark.begin(item.position);
    return prepareItem(item, options);
  };
  try {
    for await (const result of producer.sendMany(agent, items, { prepare, signal })) await count(result);
  } catch (error) {
    fatal = error;
  }
  try {
    if (fatal !== undefined && failedItems !== undefined) for await (const item of items) await count({ status: 'unsent', item });
  } finally {
    clearInterval(ticking);
    progress.stop();
    await failedItems?.close();
  }
  return { sent, failed, untried, doneUpTo: mark.position, claimChecks, events, failures, fatal };
}

function reasonOf(error: unknown): string {
  if (error instanceof MeshClientError) return error.message;
  return `could not be prepared: ${error instanceof Error ? error.message : error}`;
}
