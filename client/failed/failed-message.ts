import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../events/envelope.ts';
import { attributeValue, type Failure, isFailureAttribute, readFailure, SENDER_ATTRIBUTE } from '../../events/failure-attributes.ts';
import { readEnvelope } from '../read-envelope.ts';

/**
 * A message of an error queue or dead-letter queue.
 *
 * {@link MeshClient.failed} reads `failure` from the message's attributes without checking who wrote them: a sender may have set them on a
 * message that SQS moved later. The agent wrote them if `senderId` is that of its role. {@link MeshClient.redrive} ignores attributes of
 * other writers, and its results have a message without them.
 */
export interface FailedMessage {
  /** The id that SQS assigned to this copy. */
  readonly messageId: string;
  /** The event's id and source, even if the body is in the content bucket; `undefined` if the body is not an envelope. */
  readonly id: string | undefined;
  readonly source: string | undefined;
  /** The body that the sender wrote; `{}` if it is in the content bucket, at `failure.original`. */
  readonly body: string;
  /** The sender's attributes, without those that the mesh added. */
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** The failure that the attributes record; `undefined` if SQS itself moved the message here after too many receives. */
  readonly failure: Failure | undefined;
  /**
   * The `SenderId` of the message's sender, e.g. `AROAEXAMPLE:session`: as SQS stamped it, if SQS itself moved the message here; as the
   * agent recorded it, if the sender was refused. `undefined` for other failures, whose ledger record has it.
   */
  readonly sender: string | undefined;
  /** The `SenderId` that SQS stamped on this copy. If the mesh made the copy, that of the agent's role. */
  readonly senderId: string | undefined;
  /**
   * The `SenderId` of the original sender, as an earlier redrive stated it, if SQS itself moved the message here. A redrive believes it
   * only if `sender` has the action `redrive`.
   */
  readonly statedSender: string | undefined;
  readonly sentAt: Date;
  readonly receives: number;
  /** `undefined` if the body is not an envelope, or is in the content bucket. */
  readonly envelope: Envelope | undefined;
}

/** @param isRecorded `false` ignores a failure in the attributes: SQS moved the message */
export function readFailedMessage(message: Message, isRecorded = true): FailedMessage {
  const { MessageId = '', Body = '', Attributes, MessageAttributes = {} } = message;
  const failure = isRecorded ? readFailure((name) => MessageAttributes[name]?.StringValue) : undefined;
  const envelope = failure?.original === undefined ? readEnvelope(Body) : undefined;
  return {
    messageId: MessageId,
    id: envelope?.id ?? failure?.original?.eventId,
    source: envelope?.source ?? failure?.original?.eventSource,
    body: Body,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).filter(([name]) => !isFailureAttribute(name))),
    failure,
    sender: failure === undefined ? Attributes?.SenderId : failure.sender,
    senderId: Attributes?.SenderId,
    statedSender: failure === undefined ? MessageAttributes[SENDER_ATTRIBUTE]?.StringValue : undefined,
    sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
    receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
    envelope,
  };
}

/**
 * Whether the id is that of the message: the event's id or SQS's. An id from an attribute lacks the characters that SQS refuses.
 *
 * @param given the id to look for
 * @example
 * ```ts
 * const chosen = (message: FailedMessage): boolean => hasId(message, 'order-1');
 * ```
 */
export const hasId = ({ messageId, id, failure }: FailedMessage, given: string): boolean =>
  messageId === given || id === given || (failure?.original !== undefined && id === attributeValue(given));
