import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { type AccessRecord, AUTHORIZATION_ATTRIBUTE, knownPrincipal, REDRIVE_ACTION, ruleFor } from '../../events/access-record.ts';
import { SENDER_ATTRIBUTE } from '../../events/failure-attributes.ts';
import type { ContentBucket } from '../content-bucket.ts';
import { NotRedrivableError } from '../errors.ts';
import { isFatal } from '../is-fatal.ts';
import { QueueWalk } from '../queues/queue-walk.ts';
import { type FailedMessage, hasId, readFailedMessage } from './failed-message.ts';
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
  readonly sqs: SQSClient;
  readonly content: ContentBucket;
  readonly from: string;
  readonly to: string;
  readonly waitSeconds: number;
  /** The attributes that prove who puts the messages back. */
  readonly credential: () => Promise<Attributes>;
  /** Who may send to the agent; `undefined` where that is not known. */
  readonly access: AccessRecord | undefined;
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
  const visit = async (message: FailedMessage): Promise<RedriveResult | undefined> => {
    if (signal?.aborted || stop.signal.aborted) return undefined;
    // A message that fails again at once returns while this runs. It is left for the next redrive, or this would never end.
    if (missing === undefined && message.sentAt.getTime() > begunMs) return { status: 'newer', message };
    if (ids !== undefined && !ids.some((id) => hasId(message, id))) return undefined;
    for (const id of ids?.filter((each) => hasId(message, each)) ?? []) missing?.delete(id);
    try {
      const redriven = await bodyOf(message, route.content);
      if (!dryRun) await move(message, redriven.body, route, walk);
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
    const results = await pMap(batch.map(readFailedMessage), visit, { concurrency: 10 });
    for (const result of results) if (result !== undefined) yield result;
    stop.signal.throwIfAborted();
    if (missing?.size === 0) return;
  }
}

async function bodyOf({ body, failure, attributes }: FailedMessage, content: ContentBucket): Promise<RedrivenBody> {
  const original = failure?.original === undefined ? body : Buffer.from(await content.get(failure.original.uri)).toString();
  return redrivenBody(original, failure, attributes);
}

/**
 * Sends, then deletes. A crash in between leaves the message in both queues; a second redrive sends it again with the same id and
 * generation, which the ledger recognises. With the opposite order, a crash would lose the message.
 */
async function move(message: FailedMessage, body: string, { sqs, to, credential, access }: RedriveRoute, walk: QueueWalk): Promise<void> {
  const MessageAttributes = attributesOf(message, await credential(), access);
  await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: body, MessageAttributes }));
  if (await walk.delete(message.messageId)) return;
  throw new NotRedrivableError('it was put back, but SQS did not delete it from this queue: redrive it again, the ledger recognises it');
}

/** SQS takes ten attributes. */
const MAX_ATTRIBUTES = 10;

type Attributes = Readonly<Record<string, MessageAttributeValue>>;

/**
 * The sender's attributes without its credential: the operator answers for the message, and states who sent it where no record does.
 * Agents do not see the sender's attributes, so it is one of them that gives way where there are too many.
 */
function attributesOf(message: FailedMessage, credential: Attributes, access: AccessRecord | undefined): Attributes {
  const { attributes } = message;
  const sender = originalSender(message, access);
  const stated = sender === undefined ? {} : { [SENDER_ATTRIBUTE]: { DataType: 'String', StringValue: sender } };
  const own = { ...stated, ...credential };
  const kept = Object.entries(attributes).filter(([name]) => name.toLowerCase() !== AUTHORIZATION_ATTRIBUTE);
  return { ...Object.fromEntries(kept.slice(0, MAX_ATTRIBUTES - Object.keys(own).length)), ...own };
}

/** SQS may move a message again that was put back: its sender is the operator then, who stated the original one. */
function originalSender({ sender, statedSender }: FailedMessage, access: AccessRecord | undefined): string | undefined {
  const principal = sender === undefined || access === undefined ? undefined : knownPrincipal(access, sender);
  return statedSender !== undefined && principal !== undefined && ruleFor(principal, REDRIVE_ACTION) !== undefined ? statedSender : sender;
}
