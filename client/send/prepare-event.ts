import { randomBytes, randomUUID } from 'node:crypto';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../../events/parse-envelope.ts';
import type { ContentBucket } from '../content-bucket.ts';
import { InvalidEventError } from '../errors.ts';
import { completeEvent } from './complete-event.ts';
import { messageBytes } from './message-bytes.ts';
import { toBody } from './to-body.ts';
import { withClaimCheck } from './with-claim-check.ts';

/** A message ready to be sent. */
export interface PreparedMessage {
  readonly body: string;
  /** `undefined` where the body is sent as it is: nothing is known of it. */
  readonly event: EventIdentity | undefined;
  /** Whether the event's data lies in the content bucket. */
  readonly claimCheck: boolean;
}

/** What an event can be found by. */
export interface EventIdentity {
  readonly id: string;
  readonly source: string;
  readonly traceparent: string | undefined;
}

/** What an event is given that its producer left out. */
export interface PrepareOptions {
  /** Of events that have none. @default '/posthorn/client' */
  readonly source?: string | undefined;
  /** Of events that have none. @default none: bare data is `posthorn.sent`, an envelope without a type is refused */
  readonly type?: string | undefined;
}

/**
 * Fills in what an event lacks, puts data that does not fit into a message into the content bucket, and validates: what an agent would
 * reject is not sent.
 *
 * @throws InvalidEventError naming the field that is wrong
 */
export async function prepareEvent(
  given: unknown,
  content: ContentBucket,
  { source = '/posthorn/client', type }: PrepareOptions = {},
): Promise<PreparedMessage> {
  const event = completeEvent(given, { id: randomUUID(), source, time: new Date().toISOString(), traceparent: newTraceparent(), type });
  const inline = toBody(event);
  // Before a megabyte is uploaded for it.
  let envelope = validated(inline);
  let body = inline;
  if (messageBytes(inline) > MAX_MESSAGE_BYTES && 'data' in event) {
    body = toBody(await withClaimCheck(event, content));
    envelope = validated(body);
  }
  const bytes = messageBytes(body);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new InvalidEventError(`is ${bytes} bytes without its data, SQS takes ${MAX_MESSAGE_BYTES}: put what is large into data`);
  const { id, traceparent, dataref } = envelope;
  return { body, event: { id, source: envelope.source, traceparent }, claimCheck: dataref !== undefined };
}

/**
 * A body that is sent as it is, be it an event or not.
 *
 * @throws InvalidEventError when SQS would not take it
 * @example
 * ```ts
 * const poison = prepareBody('not an event');
 * ```
 */
export function prepareBody(body: string): PreparedMessage {
  const bytes = messageBytes(body);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new InvalidEventError(`is ${bytes} bytes, SQS takes ${MAX_MESSAGE_BYTES}: only validated events are put into the content bucket`);
  return { body, event: undefined, claimCheck: false };
}

function validated(body: string) {
  try {
    return parseEnvelope(body);
  } catch (cause) {
    if (cause instanceof InvalidEnvelopeError) throw new InvalidEventError(cause.message, { cause });
    throw cause;
  }
}

/** A new trace, sampled: its journey can be followed. @see https://www.w3.org/TR/trace-context-1/ */
const newTraceparent = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
