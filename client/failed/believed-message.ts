import type { Message } from '@aws-sdk/client-sqs';
import { type AccessRecord, knownPrincipal } from '../../events/access-record.ts';
import { isFailureAttribute } from '../../events/failure-attributes.ts';
import { type FailedMessage, readFailedMessage } from './failed-message.ts';

/** Emulators without identities stamp every message with the account. On AWS, a sender is a role's session or a user. */
const ACCOUNT = /^\d{12}$/;

/**
 * A failed message as a redrive believes it. SQS moves a message with all attributes that its sender set, so the mesh's attributes
 * count only if the agent's own role wrote them. Otherwise SQS moved the message.
 *
 * @param access who may send to the agent; `undefined` in a mesh without a registry, where all attributes are believed
 */
export function believedMessage(message: Message, agent: string, access: AccessRecord | undefined): FailedMessage {
  return readFailedMessage(message, access === undefined || isWriter(message.Attributes?.SenderId ?? '', agent, access));
}

/** Whether a message has the mesh's attributes. Only the registry shows whether their writer is the agent. */
export const claimsFailure = ({ MessageAttributes = {} }: Message): boolean => Object.keys(MessageAttributes).some(isFailureAttribute);

function isWriter(senderId: string, agent: string, access: AccessRecord): boolean {
  const principal = knownPrincipal(access, senderId);
  return principal === undefined ? ACCOUNT.test(senderId) : principal.name === `agent:${agent}`;
}
