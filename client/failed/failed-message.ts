import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../events/envelope.ts';
import { attributeValue, type Failure, isFailureAttribute, readFailure } from '../../events/failure-attributes.ts';
import { readEnvelope } from '../read-envelope.ts';

/** A message of an error queue or dead-letter queue. */
export interface FailedMessage {
  /** SQS's own id of this copy. */
  readonly messageId: string;
  /** The event's id and source, also where the body lies in the content bucket; `undefined` where there is no envelope. */
  readonly id: string | undefined;
  readonly source: string | undefined;
  /** As the sender wrote it; `{}` where it lies in the content bucket, at `failure.original`. */
  readonly body: string;
  /** The sender's own attributes, without those that the mesh added. */
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** What the mesh recorded; `undefined` when SQS itself moved the message here, after too many receives. */
  readonly failure: Failure | undefined;
  readonly sentAt: Date;
  readonly receives: number;
  /** `undefined` where the body is not an envelope, or lies in the content bucket. */
  readonly envelope: Envelope | undefined;
}

export function readFailedMessage({ MessageId = '', Body = '', Attributes, MessageAttributes = {} }: Message): FailedMessage {
  const failure = readFailure((name) => MessageAttributes[name]?.StringValue);
  const envelope = failure?.original === undefined ? readEnvelope(Body) : undefined;
  return {
    messageId: MessageId,
    id: envelope?.id ?? failure?.original?.eventId,
    source: envelope?.source ?? failure?.original?.eventSource,
    body: Body,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).filter(([name]) => !isFailureAttribute(name))),
    failure,
    sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
    receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
    envelope,
  };
}

/**
 * Whether this id means this message: it is the event's id, or SQS's. An id in an attribute lacks the characters that SQS refuses.
 *
 * @param given the id that is looked for
 * @example
 * ```ts
 * const chosen = (message: FailedMessage): boolean => hasId(message, 'order-1');
 * ```
 */
export const hasId = ({ messageId, id, failure }: FailedMessage, given: string): boolean =>
  messageId === given || id === given || (failure?.original !== undefined && id === attributeValue(given));
