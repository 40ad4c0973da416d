import type { Message } from '@aws-sdk/client-sqs';
import type { Envelope } from '../../events/envelope.ts';
import { readEnvelope } from '../read-envelope.ts';

/** A message of the mesh's replies queue. */
export interface Reply {
  /** SQS's own id of this copy. */
  readonly messageId: string;
  readonly body: string;
  /** Its `correlationid` and `causationid` say what it answers. `undefined` where the body is not an envelope: no agent sent it. */
  readonly envelope: Envelope | undefined;
  readonly sentAt: Date;
}

export const readReply = ({ MessageId = '', Body = '', Attributes }: Message): Reply => ({
  messageId: MessageId,
  body: Body,
  envelope: readEnvelope(Body),
  sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
});

/** The same for every copy of a reply. Sources have no spaces. */
export const identityOf = ({ envelope, messageId }: Reply): string =>
  envelope === undefined ? messageId : `${envelope.source} ${envelope.id}`;
