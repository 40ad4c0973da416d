import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { describeIssues } from '../../../events/describe-issues.ts';
import { type Envelope, envelopeSchema, MAX_HOPS, MAX_INLINE_BYTES, MAX_MESSAGE_BYTES, MAX_NESTING } from '../../../events/envelope.ts';
import { parseSafeJson } from '../../../events/safe-json.ts';
import type { ContentAccess } from '../content/content-access.ts';
import type { Delivery } from '../delivery.ts';
import { PermanentError } from '../failure/errors.ts';
import { outgoingTraceparent } from '../tracing/outgoing-traceparent.ts';
import { validTracestate } from '../tracing/valid-tracestate.ts';
import type { SendOptions } from './agent.ts';

/** Attributes, digests and SQS message attributes beside the data. */
const MAX_ENVELOPE_BYTES = MAX_MESSAGE_BYTES - 16_384;

const { type, subject, expirytime, replyto, tenant, metadata, datacontenttype, dataref, datadigest, datasize } = envelopeSchema.shape;

/** What an agent may choose. The rest comes from a valid envelope or is made here: checking it again takes 6% of a message's allocations. */
const chosenSchema = z.object({ type, subject, expirytime, replyto, tenant, metadata, datacontenttype, dataref, datadigest, datasize });

/**
 * Makes the envelope of a message that an agent sends: the journey's context is carried over automatically (trace, correlation,
 * causation, metadata, subject, expiry, reply address, tenant), and data over {@link MAX_INLINE_BYTES} becomes a claim check.
 *
 * @param index of the message among those that this handling sends: with the handled message's key it makes the id, so a message
 * that is sent again has the same one
 * @returns the envelope as JSON
 * @throws PermanentError `UnsendableData`
 */
export async function makeOutgoing(
  delivery: Delivery,
  content: ContentAccess,
  index: number,
  nowMs: number,
  data: unknown,
  options: SendOptions & { readonly type: string },
): Promise<string> {
  const { envelope, agent } = delivery;
  const attributes: Record<string, unknown> = {
    specversion: '1.0',
    id: outgoingId(delivery.messageKey, delivery.generation, index),
    source: `/agents/${agent.id}`,
    type: options.type,
    time: new Date(nowMs).toISOString(),
    subject: options.subject ?? envelope.subject,
    ...(await payload(content, data, options)),
    traceparent: outgoingTraceparent(delivery, index),
    tracestate: validTracestate(envelope.tracestate),
    correlationid: envelope.correlationid ?? envelope.id,
    causationid: envelope.id,
    expirytime: expiryOf(options) ?? envelope.expirytime,
    replyto: options.replyTo,
    tenant: options.tenant ?? envelope.tenant,
    hops: hopsAfter(envelope),
    metadata: options.metadata ? { ...envelope.metadata, ...options.metadata } : envelope.metadata,
  };
  const outgoing: Record<string, unknown> = {};
  for (const name of Object.keys(attributes)) if (attributes[name] !== undefined) outgoing[name] = attributes[name];
  const parsed = z.safeParse(chosenSchema, outgoing);
  if (!parsed.success) throw new PermanentError('UnsendableData', describeIssues(parsed.error, outgoing), { cause: parsed.error });
  // SQS refuses these two characters, which JSON has another form for; the other ones it refuses JSON.stringify escapes itself.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  const json = JSON.stringify(outgoing).replaceAll(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
  if (Buffer.byteLength(json) > MAX_ENVELOPE_BYTES) {
    throw new PermanentError('UnsendableData', `the envelope has ${json.length} characters without its data: send less metadata`);
  }
  return json;
}

/** @throws PermanentError `TooManyHops` */
export function refuseTooManyHops({ hops = 0 }: Pick<Envelope, 'hops'>, to: string): void {
  if (hops < MAX_HOPS) return;
  throw new PermanentError(
    'TooManyHops',
    `${MAX_HOPS} messages have led to this one, '${to}' would get the next: do the agents answer each other without end? A new journey begins at 0`,
  );
}

/** Of messages that are sent while this one is handled; the last one allowed may still be answered. */
const hopsAfter = ({ hops = 0 }: Envelope): number => Math.min(hops + 1, MAX_HOPS);

function expiryOf({ expiresAt }: SendOptions): string | undefined {
  if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime()))
    throw new PermanentError('UnsendableData', 'expiresAt: is not a valid date');
  return expiresAt?.toISOString();
}

type Payload = Pick<Envelope, 'datacontenttype' | 'data' | 'dataref' | 'datadigest' | 'datasize'>;

async function payload(content: ContentAccess, data: unknown, options: SendOptions): Promise<Payload> {
  if (options.content) {
    if (data !== undefined) throw new PermanentError('UnsendableData', 'data: must be undefined where options.content is given');
    content.keyOf(options.content);
    const { uri, digest, sizeBytes, contentType } = options.content;
    return { datacontenttype: contentType, dataref: uri, datadigest: digest, datasize: sizeBytes };
  }
  const json = toJson(data);
  const datacontenttype = 'application/json';
  // The envelope is one level more.
  if (Buffer.byteLength(json) <= MAX_INLINE_BYTES) return { datacontenttype, data: parseSafe(json, MAX_NESTING - 1) };
  parseSafe(json, MAX_NESTING);
  const { uri, digest, sizeBytes } = await content.store(Buffer.from(json), datacontenttype);
  return { datacontenttype, dataref: uri, datadigest: digest, datasize: sizeBytes };
}

/** @throws PermanentError `UnsendableData` for what JSON has no form for */
export function toJson(data: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (cause) {
    throw new PermanentError('UnsendableData', `data: JSON cannot carry it (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
  if (json === undefined) throw new PermanentError('UnsendableData', `data: JSON cannot carry a value of type ${typeof data}`);
  return json;
}

/** What the receiver would refuse is refused here, where it can be fixed. */
function parseSafe(json: string, maxNesting: number): unknown {
  try {
    return parseSafeJson(json, maxNesting);
  } catch (cause) {
    throw new PermanentError('UnsendableData', `data: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** A UUID (version 8: own scheme) of the handled message and the index. @see https://www.rfc-editor.org/rfc/rfc9562#section-5.8 */
function outgoingId(key: string, generation: number, index: number): string {
  const hex = hash('sha256', `${key} ${generation} ${index}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
