import type { Message } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../events/envelope.ts';
import { readEnvelope } from '../read-envelope.ts';

/** A message of the mesh's replies queue. */
export interface Reply {
  /** The id that SQS assigned to this copy. */
  readonly messageId: string;
  readonly body: string;
  /** Its `correlationid` and `causationid` name what it answers. `undefined` if the body is not an envelope, so no agent sent it. */
  readonly envelope: Envelope | undefined;
  readonly sentAt: Date;
}

export const readReply = ({ MessageId = '', Body = '', Attributes }: Message): Reply => ({
  messageId: MessageId,
  body: Body,
  envelope: readEnvelope(Body),
  sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
});

/** The key that all copies of a reply share. Sources contain no spaces. */
export const identityOf = ({ envelope, messageId }: Reply): string =>
  envelope === undefined ? messageId : `${envelope.source} ${envelope.id}`;
