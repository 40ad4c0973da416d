import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../events/envelope.ts';
import { MeshError } from '../../functions/runtime/errors.ts';
import { parseEnvelope } from '../../functions/runtime/parse-envelope.ts';

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
  /** `s3://...` of the body, where it did not fit beside the attributes. */
  readonly original: string | undefined;
  readonly sentAt: Date;
  readonly receives: number;
  /** `undefined` where the body is not an envelope, or lies in the content bucket. */
  readonly envelope: Envelope | undefined;
}

/** Why a message is here. */
export interface Failure {
  readonly outcome: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly generation: number;
  /** ISO 8601. */
  readonly failedAt: string;
}

export function readFailedMessage({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes,
  MessageAttributes = {},
}: Message): FailedMessage {
  const recorded = (name: string) => MessageAttributes[`posthorn-${name}`]?.StringValue;
  const original = recorded('original');
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Object.fromEntries(Object.entries(MessageAttributes).filter(([name]) => !name.toLowerCase().startsWith('posthorn-'))),
    failure:
      recorded('outcome') === undefined
        ? undefined
        : {
            outcome: recorded('outcome') ?? '',
            code: recorded('code') ?? '',
            reason: recorded('reason') ?? '',
            attempts: Number(recorded('attempts') ?? 0),
            generation: Number(recorded('generation') ?? 0),
            failedAt: recorded('failedat') ?? '',
          },
    original,
    sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
    receives: Number(Attributes?.ApproximateReceiveCount ?? 0),
    envelope: original === undefined ? envelopeIn(Body) : undefined,
  };
}

/** @returns `undefined` where the text is not an envelope that an agent would take */
export function envelopeIn(body: string): Envelope | undefined {
  try {
    return parseEnvelope(body);
  } catch (error) {
    if (error instanceof MeshError) return undefined;
    throw error;
  }
}

/** Whether a person who gives this id means this message: the event's id, or SQS's. */
export const isCalled = (message: FailedMessage, id: string): boolean => message.messageId === id || message.envelope?.id === id;
