import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { type AccessRecord, AUTHORIZATION_ATTRIBUTE, knownPrincipal, REDRIVE_ACTION, ruleFor } from '../../events/access-record.ts';
import { SENDER_ATTRIBUTE } from '../../events/failure-attributes.ts';
import type { FailedMessage } from './failed-message.ts';

/** SQS takes ten attributes. */
const MAX_ATTRIBUTES = 10;

export type Attributes = Readonly<Record<string, MessageAttributeValue>>;

/**
 * The attributes with which a message goes back into the inbox: the sender's attributes without its token, the original sender where no
 * record names it, and the operator's credential. If there are more than ten, some of the sender's are left out: agents do not read them.
 *
 * @param credential proves who puts the message back
 * @param access who may send to the agent; `undefined` where that is not known
 */
export function redrivenAttributes(message: FailedMessage, credential: Attributes, access: AccessRecord | undefined): Attributes {
  const sender = originalSender(message, access);
  const stated = sender === undefined ? {} : { [SENDER_ATTRIBUTE]: { DataType: 'String', StringValue: sender } };
  const own = { ...stated, ...credential };
  const kept = Object.entries(message.attributes).filter(([name]) => name.toLowerCase() !== AUTHORIZATION_ATTRIBUTE);
  return { ...Object.fromEntries(kept.slice(0, MAX_ATTRIBUTES - Object.keys(own).length)), ...own };
}

/** SQS may also move a redriven message. Then its sender is the operator, who stated the original sender. */
function originalSender({ sender, statedSender }: FailedMessage, access: AccessRecord | undefined): string | undefined {
  const principal = sender === undefined || access === undefined ? undefined : knownPrincipal(access, sender);
  return statedSender !== undefined && principal !== undefined && ruleFor(principal, REDRIVE_ACTION) !== undefined ? statedSender : sender;
}
