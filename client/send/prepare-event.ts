import { randomBytes, randomUUID } from 'node:crypto';
import { AUTHORIZATION_ATTRIBUTE } from '../../events/access-record.ts';
import { MAX_MESSAGE_BYTES } from '../../events/envelope.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../../events/parse-envelope.ts';
import type { ContentBucket } from '../content-bucket.ts';
import { InvalidEventError } from '../errors.ts';
import { completeEvent } from './complete-event.ts';
import { messageBytes } from './message-bytes.ts';
import { toBody } from './to-body.ts';
import { withClaimCheck } from './with-claim-check.ts';

/** Room for the longest token that agents take. A usual one is about 1 KB. */
const TOKEN_BYTES = 8_192 + messageBytes('', { [AUTHORIZATION_ATTRIBUTE]: { DataType: 'String' } });

/** A message ready to be sent. */
export interface PreparedMessage {
  readonly body: string;
  /** `undefined` if the body is sent unchanged and unread. */
  readonly event: EventIdentity | undefined;
  /** Whether the event's data is in the content bucket. */
  readonly claimCheck: boolean;
  /** The correlation id of the event's journey; `undefined` if the body is sent unread. */
  readonly journey?: string | undefined;
}

/** The attributes by which an event is found. */
export interface EventIdentity {
  readonly id: string;
  readonly source: string;
  readonly traceparent: string | undefined;
}

/** The values for attributes that a producer left out. */
export interface PrepareOptions {
  /** The source of events without one. @default '/posthorn/client' */
  readonly source?: string | undefined;
  /** The type of events without one. @default none: bare data gets `posthorn.sent`, an envelope without a type is refused */
  readonly type?: string | undefined;
  /**
   * Whose work events without a tenant are: 1 to 128 letters, digits and punctuation characters of ASCII. One tenant's many messages do not
   * delay those of others.
   *
   * @default none
   */
  readonly tenant?: string | undefined;
}

/**
 * Fills in missing attributes, stores data that does not fit into a message in the content bucket, and refuses an event that an agent
 * would reject.
 *
 * @throws InvalidEventError naming the invalid field
 */
export async function prepareEvent(
  given: unknown,
  content: ContentBucket,
  { source = '/posthorn/client', type, tenant }: PrepareOptions = {},
): Promise<PreparedMessage> {
  const event = completeEvent(given, {
    id: randomUUID(),
    source,
    time: new Date().toISOString(),
    traceparent: newTraceparent(),
    type,
    tenant,
  });
  const inline = asJson(event);
  // Checked before the upload of a megabyte.
  let envelope = validated(inline);
  let body = inline;
  if (messageBytes(inline) > MAX_MESSAGE_BYTES - TOKEN_BYTES && 'data' in event) {
    body = toBody(await withClaimCheck(event, content));
    envelope = validated(body);
  }
  const bytes = messageBytes(body);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new InvalidEventError(`is ${bytes} bytes without its data, SQS takes ${MAX_MESSAGE_BYTES}: move large values into data`);
  const { id, traceparent, dataref, correlationid = id } = envelope;
  return { body, event: { id, source: envelope.source, traceparent }, claimCheck: dataref !== undefined, journey: correlationid };
}

/**
 * A body that is sent unchanged, event or not.
 *
 * @throws InvalidEventError when SQS would refuse it
 * @example
 * ```ts
 * const poison = prepareBody('not an event');
 * ```
 */
export function prepareBody(body: string): PreparedMessage {
  const bytes = messageBytes(body);
  if (bytes > MAX_MESSAGE_BYTES)
    throw new InvalidEventError(
      `is ${bytes} bytes, SQS takes ${MAX_MESSAGE_BYTES}: only the data of validated events can go into the content bucket`,
    );
  return { body, event: undefined, claimCheck: false };
}

/** @throws InvalidEventError for what JSON cannot say: a bigint, a cycle, nothing */
function asJson(event: Readonly<Record<string, unknown>>): string {
  try {
    if ('data' in event && JSON.stringify(event.data) === undefined)
      throw new InvalidEventError(`data: is ${typeof event.data}: give a value that JSON has`);
    return toBody(event);
  } catch (cause) {
    if (cause instanceof InvalidEventError) throw cause;
    throw new InvalidEventError(`cannot be written as JSON (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
}

function validated(body: string) {
  try {
    return parseEnvelope(body);
  } catch (cause) {
    if (cause instanceof InvalidEnvelopeError) throw new InvalidEventError(cause.message, { cause });
    throw cause;
  }
}

/** A new sampled trace, so that the journey is indexed. @see https://www.w3.org/TR/trace-context-1/ */
const newTraceparent = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
