import type { Delivery } from '../delivery.ts';
import { PermanentError } from '../failure/errors.ts';
import { Interrupted } from '../failure/interrupted.ts';
import type { Runtime } from '../runtime.ts';
import { refuseTooManyHops } from './outgoing.ts';

type ReplyRuntime = Pick<Runtime, 'access' | 'directory' | 'settings'>;

/**
 * The agent that gets a reply; `undefined` for the replies queue. A handler's effects elsewhere cannot be undone: a reply that cannot go
 * to its agent goes to the replies queue.
 *
 * @param replyto of the message that is replied to
 * @throws Interrupted when the registry cannot be read, and the process does not know whether the agent receives replies
 */
export async function replyTarget(replyto: string, delivery: Delivery, runtime: ReplyRuntime): Promise<string | undefined> {
  try {
    if (!runtime.directory.names(replyto) && !(await receivesReplies(replyto, runtime)))
      throw new PermanentError(
        'UnknownTarget',
        `agent '${replyto}' is not among those that this one sends to, and the mesh has none of this id that receives replies: set receivesReplies in its definition`,
      );
    refuseTooManyHops(delivery.envelope, replyto);
    return replyto;
  } catch (error) {
    if (error instanceof Interrupted && runtime.settings.authentication !== 'none') throw error;
    delivery.logger.warn('replyto names an agent that this one cannot send to: the reply goes to the replies queue', { replyto, error });
    return undefined;
  }
}

/** No agent is found to receive none before the registry was asked: it may have been deployed a moment ago. */
async function receivesReplies(agentId: string, { access }: Pick<ReplyRuntime, 'access'>): Promise<boolean> {
  const isListed = ({ repliesTo }: Awaited<ReturnType<typeof access.current>>) => repliesTo?.includes(agentId) === true;
  return isListed(await access.current()) || isListed(await access.certain());
}
