import type { OutgoingMessage } from '../../../events/ledger-record.ts';
import type { Delivery } from '../delivery.ts';
import { errorText } from '../failure/error-property.ts';
import type { RuntimeSettings } from '../runtime.ts';

/** What SQS answers where there is no queue of that name. */
const MISSING = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);

/** What it answers where the role may not send, which may be because a tag or a policy was set a moment ago. */
const DENIED = new Set(['AccessDenied', 'AccessDeniedException']);

/**
 * Gives a reply up that SQS does not take for its agent: then the replies queue gets it, so that the message that is replied to ends. A
 * missing permission is waited for until the last receive.
 *
 * @throws the error, where the message is to be received again: SQS takes the reply later, or refuses it then
 */
export function acceptRefusal(
  error: unknown,
  replyto: OutgoingMessage['to'],
  { receiveCount, logger }: Pick<Delivery, 'receiveCount' | 'logger'>,
  { maxReceives }: Pick<RuntimeSettings, 'maxReceives'>,
): void {
  const name = errorText(error, 'name') ?? '';
  const isFinal = MISSING.has(name) || (DENIED.has(name) && receiveCount >= maxReceives);
  if (!isFinal) throw error;
  logger.error('the agent that replyto names cannot get the reply: it goes to the replies queue', { code: 'ReplyRefused', replyto, error });
}
