import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../../events/envelope.ts';
import { type Failure, isFailureAttribute, readFailure } from '../../../events/failure-attributes.ts';
import { InvalidEnvelopeError, parseEnvelope } from '../../../events/parse-envelope.ts';

/** A message of an error queue or dead-letter queue. */
export interface FailedMessage {
  /** SQS's own. */
  readonly messageId: string;
  readonly receiptHandle: string;
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

export function readFailedMessage({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes,
  MessageAttributes = {},
}: Message): FailedMessage {
  const failure = readFailure((name) => MessageAttributes[name]?.StringValue);
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).filter(([name]) => !isFailureAttribute(name))),
    failure,
    sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
    receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
    envelope: failure?.original === undefined ? envelopeIn(Body) : undefined,
  };
}

/** @returns `undefined` where the text is not an envelope that an agent would take */
export function envelopeIn(body: string): Envelope | undefined {
  try {
    return parseEnvelope(body);
  } catch (error) {
    if (error instanceof InvalidEnvelopeError) return undefined;
    throw error;
  }
}

/** Whether a person who gives this id means this message: the event's id, or SQS's. */
export const isCalled = (message: FailedMessage, id: string): boolean => message.messageId === id || eventOf(message).id === id;

/** The event's id and source, also where its body lies in the content bucket. */
export const eventOf = ({ envelope, failure }: FailedMessage): { readonly id: string | undefined; readonly source: string | undefined } =>
  envelope ?? { id: failure?.original?.eventId, source: failure?.original?.eventSource };
