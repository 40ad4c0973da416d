import { type Message, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import type { ContentBucket } from '../content-bucket.ts';
import { NotRedrivableError } from '../errors.ts';
import { isFatal } from '../is-fatal.ts';
import { QueueWalk } from '../queues/queue-walk.ts';
import type { KnownAccess } from '../registry/known-access.ts';
import { groupOf } from '../send/group-of.ts';
import { believedMessage, claimsFailure } from './believed-message.ts';
import { type FailedMessage, hasId } from './failed-message.ts';
import { type Attributes, redrivenAttributes } from './redriven-attributes.ts';
import { type RedrivenBody, redrivenBody } from './redriven-body.ts';

/** Which failed messages a redrive puts back. */
export interface RedriveOptions {
  /** Ids of messages, the events' or SQS's. @default all messages that were in the queue when the redrive began */
  readonly ids?: readonly string[] | undefined;
  /** Changes nothing, and reports what would be put back. @default false */
  readonly dryRun?: boolean | undefined;
  /** Ends the redrive after the messages that are being put back. */
  readonly signal?: AbortSignal | undefined;
}

/** The result of a redrive for one failed message. */
export type RedriveResult =
  | { readonly status: 'redriven' | 'would-redrive'; readonly message: FailedMessage; readonly generation: number | undefined }
  /** It stays in its queue. */
  | { readonly status: 'failed'; readonly message: FailedMessage; readonly error: unknown }
  /** It arrived while the redrive ran, and stays in the queue: it may have been put back and have failed again. */
  | { readonly status: 'newer'; readonly message: FailedMessage };

export interface RedriveRoute {
  readonly agent: string;
  readonly sqs: SQSClient;
  readonly content: ContentBucket;
  readonly from: string;
  readonly to: string;
  readonly waitSeconds: number;
  /** The attributes that prove who puts the messages back. */
  readonly credential: () => Promise<Attributes>;
  /** Who may send to the agent. */
  readonly access: () => Promise<KnownAccess>;
}

/** Long enough for the slowest message of ten to be fetched, sent and deleted. */
const HIDDEN_SECONDS = 120;

/** Puts failed messages back into an inbox, ten at a time. @throws an error that every other message would meet as well */
export async function* redriveMessages(
  route: RedriveRoute,
  { ids, dryRun = false, signal }: RedriveOptions,
): AsyncGenerator<RedriveResult, void, undefined> {
  const begunMs = Date.now();
  const missing = ids && new Set(ids);
  const walk = new QueueWalk(route.sqs, { max: Infinity, hiddenSeconds: HIDDEN_SECONDS, waitSeconds: route.waitSeconds, signal });

  const stop = new AbortController();
  const visit = async (copy: Message, { record, denied }: KnownAccess): Promise<RedriveResult | undefined> => {
    const message = believedMessage(copy, route.agent, record);
    if (signal?.aborted || stop.signal.aborted) return undefined;
    // A message that fails again at once returns while this runs. It is left for the next redrive, or this would never end.
    if (missing === undefined && message.sentAt.getTime() > begunMs) return { status: 'newer', message };
    if (ids !== undefined && !ids.some((id) => hasId(message, id))) return undefined;
    for (const id of ids?.filter((each) => hasId(message, each)) ?? []) missing?.delete(id);
    try {
      if (denied !== undefined && claimsFailure(copy)) throw denied;
      const attributes = redrivenAttributes(message, await route.credential(), record);
      const redriven = await bodyOf(message, attributes, route.content);
      if (!dryRun) await move(message, redriven.body, attributes, route, walk);
      return { status: dryRun ? 'would-redrive' : 'redriven', message, generation: redriven.generation };
    } catch (error) {
      if (isFatal(error)) {
        stop.abort(error);
        return undefined;
      }
      return { status: 'failed', message, error };
    }
  };

  if (missing?.size === 0) return;
  for await (const batch of walk.batches(route.from)) {
    const access = await route.access();
    const results = await pMap(batch, (copy) => visit(copy, access), { concurrency: 10 });
    for (const result of results) if (result !== undefined) yield result;
    stop.signal.throwIfAborted();
    if (missing?.size === 0) return;
  }
}

async function bodyOf({ body, failure }: FailedMessage, attributes: Attributes, content: ContentBucket): Promise<RedrivenBody> {
  const original = failure?.original === undefined ? body : Buffer.from(await content.get(failure.original.uri)).toString();
  return redrivenBody(original, failure, attributes);
}

/**
 * Sends, then deletes. A crash in between leaves the message in both queues; a second redrive sends it again with the same id and
 * generation, which the ledger recognises. With the opposite order, a crash would lose the message.
 */
async function move(
  { messageId }: FailedMessage,
  body: string,
  attributes: Attributes,
  { sqs, to }: RedriveRoute,
  walk: QueueWalk,
): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body, MessageAttributes: attributes, ...groupOf(body) }));
  if (await walk.delete(messageId)) return;
  throw new NotRedrivableError('it was put back, but SQS did not delete it from this queue: redrive it again, the ledger recognises it');
}
