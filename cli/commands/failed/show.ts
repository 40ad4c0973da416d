import { type FailedMessage, hasId, MeshClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { interruptible } from '../../interrupt.ts';
import { printJson } from '../../print-json.ts';
import type { Settings } from '../../settings.ts';
import { failedMessageText } from './failed-message-text.ts';
import type { FailedQueue } from './failed-queue.ts';
import type { ShowFlags } from './flags.ts';

/** Messages become visible again after this time if this process dies. Looking at 100 takes about a second. */
const HIDDEN_SECONDS = 30;

/** Prints messages of a queue and why they failed, and leaves them in the queue. */
export async function show(
  queue: FailedQueue,
  agent: string,
  id: string | undefined,
  { full, max }: ShowFlags,
  settings: Settings,
): Promise<void> {
  const mesh = new MeshClient(settings);
  try {
    const shown = { count: 0 };
    const failed = await interruptible(async (signal) => {
      const messages = mesh.failed(agent, queue.kind, { max, hiddenSeconds: HIDDEN_SECONDS, signal });
      for await (const message of messages) {
        if (id !== undefined && !hasId(message, id)) continue;
        const body = full ? await wholeBody(message, mesh) : undefined;
        if (settings.json) printJson(asRecord(agent, message, body));
        else console.log(failedMessageText(message, body, { nowMs: Date.now(), columns: columnsOf(process.stdout) }));
        shown.count++;
      }
      return messages;
    });
    const more = failed.reachedEnd ? '' : `; looked at ${failed.looked} messages, there may be more (--max)`;
    if (id !== undefined && shown.count === 0) throw new CliError(`the ${queue.title} of ${agent} has no message '${id}'${more}`);
    console.error(`${shown.count} ${shown.count === 1 ? 'message' : 'messages'} in the ${queue.title} of ${agent}${more}`);
    if (failed.stillHidden > 0)
      console.error(`${failed.stillHidden} of them are hidden for up to ${HIDDEN_SECONDS} s, because looking took long`);
  } finally {
    await mesh[Symbol.asyncDispose]();
  }
}

/** A pipe or a file has no width. */
const columnsOf = (stream: { readonly columns?: number }): number => stream.columns || Number.POSITIVE_INFINITY;

async function wholeBody({ body, failure }: FailedMessage, { content }: MeshClient): Promise<string> {
  return failure?.original === undefined ? body : Buffer.from(await content.get(failure.original.uri)).toString();
}

function asRecord(agent: string, { messageId, id, source, envelope, failure, sentAt, receives }: FailedMessage, body: string | undefined) {
  return {
    agent,
    messageId,
    id: id ?? null,
    source: source ?? null,
    type: envelope?.type ?? null,
    failure: failure ?? null,
    original: failure?.original?.uri ?? null,
    sentAt: sentAt.toISOString(),
    receives,
    body,
  };
}
